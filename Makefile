# minirun's build. `make help` lists what there is. GNU make, not recursive; everything it makes is in build/.

PREFIX  ?= /usr/local
B       := build
CXX     := g++
# WERROR= turns warnings back into warnings, for a compiler that is newer than ours.
WERROR  ?= -Werror
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(WERROR)
OPT     ?= -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CXXFLAGS = -std=c++20 $(OPT) $(WARN) -I. -I$(B) -pthread
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# One binary that starts in a millisecond and runs on another machine: all but libc is inside it. libisal (fast gzip) is
# looked for at run time, when the first gzip byte is met; zlib does the work where it isn't there.
LIBS    := -static-libstdc++ -static-libgcc \
           -Wl,-Bstatic -larchive -lcap -lnettle -lz -llzma -lbz2 -lzstd -Wl,-Bdynamic

DEPS_BUILD := g++ make pkg-config libarchive-dev libcap-dev libseccomp-dev nlohmann-json3-dev nettle-dev zlib1g-dev \
              liblzma-dev libbz2-dev libzstd-dev libisal-dev
DEPS_TEST  := catch2 bats jq busybox-static zstd xz-utils bzip2 e2fsprogs util-linux iproute2 strace attr
DEPS_LINT  := clang-format-14 clang-tidy-14 shellcheck git
DEPS_BENCH := hyperfine bubblewrap crun libarchive-tools

FLOORS  := runner runner/base runner/listeners image mount namespaces
SOURCES := $(filter-out namespaces/seccomp_compile.cpp,$(foreach dir,$(FLOORS),$(wildcard $(dir)/*.cpp)))
OBJECTS := $(SOURCES:%.cpp=$(B)/%.o)
UNITS   := $(patsubst %.cpp,$(B)/%.o,$(wildcard tests/unit/*.cpp tests/forge/*.cpp))
UNIT_OBJECTS  := $(filter-out $(B)/tests/forge/main.o,$(UNITS))
FORGE_OBJECTS := $(filter $(B)/tests/forge/%,$(UNITS)) $(B)/image/digest.o $(B)/runner/base/error.o $(B)/runner/base/text.o

.PHONY: all deps hello test unit e2e lint format asan bench install clean help
.DELETE_ON_ERROR:

all: $(B)/minirun  ## build build/minirun

$(B)/minirun: $(OBJECTS)
	$(CXX) $(OPT) -pthread -o $@ $^ $(LIBS)

$(B)/unit: $(filter-out $(B)/runner/main.o,$(OBJECTS)) $(UNIT_OBJECTS)
	$(CXX) $(OPT) -pthread -o $@ $^ $(LIBS)

$(B)/forge: $(FORGE_OBJECTS)  # writes hostile archives for the tests
	$(CXX) $(OPT) -pthread -o $@ $^ -larchive -lnettle -lz -lzstd

$(B)/%.o: %.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/runner/commands.o: CXXFLAGS += -DMINIRUN_VERSION='"$(VERSION)"'

# The seccomp filter is compiled here, so that a start doesn't have to.
$(B)/namespaces/seccomp.o: $(B)/seccomp_bpf.inc
$(B)/seccomp_bpf.inc: $(B)/seccomp_compile
	$< > $@
$(B)/seccomp_compile: $(B)/namespaces/seccomp_compile.o
	$(CXX) $(OPT) -o $@ $^ -lseccomp

-include $(shell find $(B) -name '*.d' 2>/dev/null)
