# minirun's build. `make help` lists what there is. GNU make, not recursive; everything it makes is in build/.

PREFIX    ?= /usr/local
B         := build
MAKEFLAGS += -j$(shell nproc)
CXX     := g++
# WERROR= turns warnings back into warnings, for a compiler that is newer than ours.
WERROR  ?= -Werror
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(WERROR)
OPT     ?= -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CXXFLAGS = -std=c++20 $(OPT) $(WARN) -I. -I$(B) -pthread
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# One binary that starts in a millisecond and runs on another machine: everything is inside it. ISA-L's functions are weak
# symbols, for which alone the linker opens no archive: so that one is taken whole.
STATIC  := -static-pie -s
ISAL     = -Wl,--whole-archive $(B)/isa-l.a -Wl,--no-whole-archive
LIBS    := -larchive -lcap -lseccomp -lnettle -lz -llzma -lbz2 -lzstd

ifneq ($(filter asan,$(MAKECMDGOALS)),)  # the same sources, watched: in a directory of their own
B       := build/asan
OPT     := -O0 -g1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
WARN    += -Wno-maybe-uninitialized  # gcc sees some in std::regex, only with -fsanitize: PR 105562
STATIC  :=
FOLDERS := yes
endif

DEPS_BUILD := g++ make pkg-config libarchive-dev libcap-dev libseccomp-dev nlohmann-json3-dev nettle-dev zlib1g-dev \
              liblzma-dev libbz2-dev libzstd-dev libisal-dev dpkg-dev nasm busybox-static jq

SOURCES := $(sort $(shell find runner image mount namespaces -name '*.cpp' ! -name seccomp_compile.cpp))
OBJECTS := $(SOURCES:%.cpp=$(B)/%.o)
MAIN    := $(B)/runner/main.o

# make asan: the sources of a folder are compiled as one, which saves the compiler a third of its time.
folders  = $(patsubst %,$(B)/%folder.o,$(sort $(dir $(1))))
ifdef FOLDERS
OBJECTS := $(call folders,$(SOURCES))
MAIN    := $(B)/runner/folder.o
endif

.PHONY: all deps hello examples format install clean help
.DELETE_ON_ERROR:

all: $(B)/minirun  ## build build/minirun
$(B)/minirun: $(OBJECTS) $(B)/isa-l.a
	@echo "  LD  $@"
	@$(CXX) $(OPT) -pthread $(STATIC) -o $@ $(filter %.o,$^) $(ISAL) $(LIBS)

# What is missing is installed, or said, before the first compiler error would say it.
$(OBJECTS) $(B)/namespaces/seccomp_compile.o: | deps

$(B)/%.o: %.cpp
	@mkdir -p $(@D) && echo "  CXX $<"
	@$(CXX) $(CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/runner/base/version.o $(B)/runner/base/folder.o: CXXFLAGS += -DMINIRUN_VERSION='"$(VERSION)"'

$(B)/isa-l.a: image/stream/build-isal | deps
	@echo "  GET ISA-L" && $< $@

# The seccomp filter is compiled here, so that a start doesn't have to.
$(B)/namespaces/seccomp.o: $(B)/seccomp_bpf.inc
$(B)/seccomp_bpf.inc: $(B)/seccomp_compile
	$< > $@
$(B)/seccomp_compile: $(B)/namespaces/seccomp_compile.o
	@$(CXX) $(OPT) -o $@ $^ -lseccomp

# What the child is for a moment before it is the program: a program of its own, carried as bytes.
STUB_FLAGS := -Os -ffreestanding -static -nostdlib -fno-stack-protector -fno-pic -no-pie -fno-asynchronous-unwind-tables \
              -fno-tree-loop-distribute-patterns -fcf-protection=none -Wl,--build-id=none,-z,norelro,-n -s
$(B)/namespaces/exec.o: $(B)/exec_stub.inc
$(B)/exec_stub.inc: $(B)/exec_stub
	od -An -v -tu1 -w16 $< | sed 's/ *\([0-9][0-9]*\)/\1,/g' > $@
$(B)/exec_stub: namespaces/exec_stub.c | deps
	@mkdir -p $(@D)
	$(CC) $(STUB_FLAGS) $(WARN) -o $@ $<

# Texts that minirun carries inside itself: name.o includes name.inc, made of files.
$(B)/runner/tell/essay.o: $(B)/essays.inc
$(B)/essays.inc: $(wildcard runner/tell/essays/*.txt)
$(B)/runner/tell/script.o: $(B)/script_parts.inc
$(B)/script_parts.inc: $(wildcard runner/tell/script/*.sh)
$(B)/runner/report/page.o: $(B)/report_page.inc
$(B)/report_page.inc: $(wildcard runner/report/web/*.html runner/report/web/*.css runner/report/web/*.js)
EMBEDDED := $(B)/essays.inc $(B)/script_parts.inc $(B)/report_page.inc
$(EMBEDDED): runner/report/embed
	@mkdir -p $(@D) && runner/report/embed $(filter-out runner/report/embed,$^) > $@
$(B)/runner/tell/lessons.o: $(B)/lessons.inc
$(B)/lessons.inc: runner/tell/embed-lessons $(wildcard lessons/*/lesson.json lessons/*/README.md) | deps
	@mkdir -p $(@D) && $< > $@

$(B)/%/folder.o: $(B)/%/folder.cpp $(EMBEDDED) $(B)/lessons.inc $(B)/seccomp_bpf.inc $(B)/exec_stub.inc | deps
	@echo "  CXX $*/*.cpp"
	@$(CXX) $(CXXFLAGS) -Wno-shadow -MMD -MP -c -o $@ $<
.PRECIOUS: $(B)/%/folder.cpp
$(B)/%/folder.cpp: %  # a directory is newer when a file came or went
	@mkdir -p $(@D) && printf '#include "%s"\n' $(filter $(SOURCES) $(TEST_SOURCES),$(wildcard $*/*.cpp)) > $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- what a person types ---

# docker-registry's service is not wanted: lessons start the program by themselves. A unit that is a link to /dev/null is masked.
NO_SERVICE = case " $$(echo $$need) " in *" docker-registry "*) \
  mkdir -p /etc/systemd/system && ln -s /dev/null /etc/systemd/system/docker-registry.service 2>/dev/null;; esac;

# Installs those of the packages in $(1) that are missing. Without root it says which. Those in $(2) too, where the
# distribution has them. The lock: make may want two lists at once, and apt-get refuses to wait.
define install_packages
@missing() { for p; do dpkg-query -W -f '$${db:Status-Status}\n' $$p 2>/dev/null | grep -qx installed || echo $$p; done; }; \
need=$$(missing $(1)); more=$$(missing $(2)); \
[ -n "$$need$$more" ] || exit 0; \
if [ "$$(id -u)" != 0 ]; then \
  [ -n "$$need" ] || exit 0; echo "missing packages, install them with: sudo make $@" $$need >&2; exit 1; \
fi; \
exec 9< .; flock 9; need=$$(missing $$need); more=$$(missing $$more); \
[ -z "$$need" ] || apt-get update -qq; \
more=$$(for p in $$more; do apt-cache policy $$p | grep -q 'Candidate: [^(]' && echo $$p; done); \
[ -n "$$need$$more" ] || exit 0; \
echo "  APT installs, in a minute or two:" $$need $$more; \
$(NO_SERVICE) DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$need $$more >/dev/null
endef
# After `sudo make`, what was built belongs to who called it.
GIVE_BACK = @[ -z "$$SUDO_UID" ] || chown -R "$$SUDO_UID:$$SUDO_GID" $(B) examples

deps:  ## install what the build needs
	$(call install_packages,$(DEPS_BUILD))

hello: all examples/hello-world.tar.gz  ## install, build, make the example image, run it
	$(GIVE_BACK)
	$(B)/minirun examples/hello-world.tar.gz

EXAMPLES := $(patsubst %/build,%.tar.gz,$(wildcard examples/*/build))
examples: $(EXAMPLES)  ## saved images to look at: hello-world, busybox, whiteouts, config
	$(GIVE_BACK)
$(EXAMPLES): examples/%.tar.gz: examples/make-image $(wildcard examples/*/*) | deps
	examples/$*/build $@

# What belongs to the tests and the lessons. A copy of the source alone (lessons/code) has neither.
include $(wildcard tests/tests.mk lessons/lessons.mk)

format:  ## clang-format all sources
	clang-format-14 -i $$(git ls-files '*.cpp' '*.h' '*.c')
install: all  ## to PREFIX (/usr/local), below DESTDIR
	install -D -m 755 $(B)/minirun $(DESTDIR)$(PREFIX)/bin/minirun
clean:  ## remove all that was made
	rm -rf $(B) examples/*.tar.gz
help:  ## this list
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
