# The tests, and what measures and checks the sources. Included by the Makefile.

DEPS_TEST  := catch2 bats jq zstd xz-utils bzip2 e2fsprogs util-linux iproute2 procps strace attr expect tmux \
              python3 python3-jsonschema shellcheck bubblewrap crun docker-registry curl openssl patch \
              sudo
DEPS_TEST_MORE := bpftool chromium gojq  # not in each distribution: tests do without, or are skipped
DEPS_LINT  := clang-format-14 clang-tidy-14 shellcheck git
DEPS_BENCH := hyperfine bubblewrap crun libarchive-tools jq mmdebstrap

CATCH   = $(if $(wildcard /usr/include/catch2/catch.hpp),,-lCatch2)  # a header in version 2, a library in 3

TEST_SOURCES  := $(sort $(shell find tests/unit -name '*_test.cpp'))
TESTS         := $(TEST_SOURCES:%.cpp=$(B)/%.o)
ifdef FOLDERS
TESTS         := $(call folders,$(TEST_SOURCES))
endif
UNIT_MAIN     := $(B)/tests/unit/main.o
FORGE         := $(patsubst %.cpp,$(B)/%.o,$(sort $(wildcard tests/forge/*.cpp)))
FORGE_OBJECTS := $(FORGE) $(B)/image/document/digest.o $(B)/runner/base/error.o $(B)/runner/base/text.o

$(B)/unit: $(filter-out $(MAIN),$(OBJECTS)) $(TESTS) $(UNIT_MAIN) $(filter-out %/main.o,$(FORGE)) $(B)/isa-l.a
	@echo "  LD  $@"
	@$(CXX) $(OPT) -pthread -o $@ $(filter %.o,$^) $(ISAL) $(LIBS) $(CATCH)

$(B)/forge: $(FORGE_OBJECTS)  # writes hostile archives for the tests
	@echo "  LD  $@"
	@$(CXX) $(OPT) -pthread $(STATIC) -o $@ $^ $(LIBS)

$(B)/probe: tests/probe/probe.c | deps  # tries from inside what a container must not do
	@echo "  CC  $@"
	@$(CC) -O1 -static -Wall -Wextra -Werror -o $@ $<
TOOLS := $(B)/forge $(B)/probe

# Tests are compiled more often than they run: without optimisation, and with Catch2 read once, that takes a third of the time.
$(TESTS) $(UNIT_MAIN) $(FORGE): | deps-test
$(TESTS) $(UNIT_MAIN) $(B)/catch.h.gch: OPT := $(filter-out -O% -D_FORTIFY_SOURCE=%,$(OPT)) -O0
$(TESTS): private CXXFLAGS += -Winvalid-pch -include $(B)/catch.h
$(TESTS): $(B)/catch.h.gch
$(B)/catch.h.gch: tests/unit/catch.h | deps-test
	@mkdir -p $(@D) && echo "  PCH $<" && echo '#include "$<"' > $(basename $@)
	@$(CXX) $(CXXFLAGS) -x c++-header -o $@ $(basename $@)

.PHONY: deps-test deps-lint deps-bench test check unit e2e faults test-fresh asan lint bench
deps-test: deps
	$(call install_packages,$(DEPS_TEST),$(DEPS_TEST_MORE))
deps-lint: deps-test
	$(call install_packages,$(DEPS_LINT))
deps-bench: deps
	$(call install_packages,$(DEPS_BENCH))

test: all $(B)/unit $(TOOLS) $(EXAMPLES)  ## install, build, and run all tests (as root)
	$(GIVE_BACK)
	@tests/run unit e2e
check: all $(B)/unit $(TOOLS) $(EXAMPLES)  ## the tests that take a minute, for between edits (as root)
	@tests/run check
unit: $(B)/unit  ## the tests that need no root
	@tests/run unit
e2e: all $(TOOLS) $(EXAMPLES)  ## the real binary, as root
	@tests/run e2e

faults: all $(TOOLS) $(EXAMPLES)  ## each command killed, and failing, at each of its system calls (as root, some minutes)
	@POSITIONS=0 BATS_TEST_TIMEOUT=1800 tests/run tests/e2e/faults.bats
test-fresh:  ## both commands in fresh roots of Debian 12, 13 and Ubuntu 24.04 (as root, half an hour)
	$(call install_packages,mmdebstrap curl git)
	tests/fresh bookworm
	tests/fresh trixie
	tests/fresh noble

asan: $(B)/minirun $(B)/unit $(TOOLS) $(EXAMPLES)  ## tests with address and undefined behaviour sanitizers (as root)
	@ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=1 MEMORY_FACTOR=12 MINIRUN=$(CURDIR)/$(B)/minirun \
	  FORGE=$(CURDIR)/$(B)/forge UNIT=$(B)/unit tests/run asan
lint: $(B)/seccomp_bpf.inc $(B)/exec_stub.inc $(EMBEDDED) $(B)/lessons.inc | deps-lint  ## format, layering, lesson tags, shellcheck, clang-tidy
	tests/lint
bench: all | deps-bench  ## start and load against other runners, as ratios (as root)
	tests/bench/run.sh
