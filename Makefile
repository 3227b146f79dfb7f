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
CATCH    = $(if $(wildcard /usr/include/catch2/catch.hpp),,-lCatch2)  # a header in version 2, a library in 3
LIBS    := -larchive -lcap -lseccomp -lnettle -lz -llzma -lbz2 -lzstd

ifneq ($(filter asan,$(MAKECMDGOALS)),)  # the same sources, watched: in a directory of their own
B       := build/asan
OPT     := -O0 -g1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
WARN    += -Wno-maybe-uninitialized  # gcc sees some in std::regex, only with -fsanitize: PR 105562
STATIC  :=
endif

DEPS_BUILD := g++ make pkg-config libarchive-dev libcap-dev libseccomp-dev nlohmann-json3-dev nettle-dev zlib1g-dev \
              liblzma-dev libbz2-dev libzstd-dev libisal-dev dpkg-dev nasm busybox-static jq
DEPS_TEST  := catch2 bats jq zstd xz-utils bzip2 e2fsprogs util-linux iproute2 procps strace attr expect tmux \
              python3 python3-jsonschema shellcheck bubblewrap crun docker-registry curl openssl patch \
              sudo
DEPS_TEST_MORE := bpftool chromium gojq  # not in each distribution: tests do without, or are skipped
DEPS_LESSONS := bats jq strace util-linux e2fsprogs procps busybox-static xz-utils bsdextrautils attr gcc libc6-dev \
                docker-registry curl openssl
DEPS_VM    := mmdebstrap uidmap e2fsprogs qemu-utils qemu-system-x86 git
DEPS_LINT  := clang-format-14 clang-tidy-14 shellcheck git
DEPS_BENCH := hyperfine bubblewrap crun libarchive-tools jq mmdebstrap

SOURCES := $(sort $(shell find runner image mount namespaces -name '*.cpp' ! -name seccomp_compile.cpp))
OBJECTS := $(SOURCES:%.cpp=$(B)/%.o)
UNITS   := $(patsubst %.cpp,$(B)/%.o,$(sort $(shell find tests/unit tests/forge -name '*.cpp')))
UNIT_OBJECTS  := $(filter-out $(B)/tests/forge/main.o,$(UNITS))
FORGE_OBJECTS := $(filter $(B)/tests/forge/%,$(UNITS)) $(B)/image/document/digest.o $(B)/runner/base/error.o $(B)/runner/base/text.o

.PHONY: all deps deps-test deps-lint deps-bench deps-vm lessons-deps hello examples test check faults test-fresh unit e2e lint format asan bench vm vm-shell vm-test vm-check install clean help
.DELETE_ON_ERROR:

all: $(B)/minirun  ## build build/minirun
$(B)/minirun: $(OBJECTS) $(B)/isa-l.a
	@echo "  LD  $@"
	@$(CXX) $(OPT) -pthread $(STATIC) -o $@ $(filter %.o,$^) $(ISAL) $(LIBS)

$(B)/unit: $(filter-out $(B)/runner/main.o,$(OBJECTS)) $(UNIT_OBJECTS) $(B)/isa-l.a
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
TESTS := $(filter $(B)/tests/unit/%,$(UNITS))
CATCH_USERS := $(filter-out %/main.o,$(TESTS))
$(TESTS) $(B)/catch.h.gch: OPT := $(filter-out -O% -D_FORTIFY_SOURCE=%,$(OPT)) -O0
$(CATCH_USERS): private CXXFLAGS += -Winvalid-pch -include $(B)/catch.h
$(CATCH_USERS): $(B)/catch.h.gch
$(B)/catch.h.gch: tests/unit/catch.h | deps-test
	@mkdir -p $(@D) && echo "  PCH $<" && echo '#include "$<"' > $(basename $@)
	@$(CXX) $(CXXFLAGS) -x c++-header -o $@ $(basename $@)

# What is missing is installed, or said, before the first compiler error would say it.
$(OBJECTS) $(B)/namespaces/seccomp_compile.o: | deps
$(UNITS): | deps-test

$(B)/%.o: %.cpp
	@mkdir -p $(@D) && echo "  CXX $<"
	@$(CXX) $(CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/runner/base/version.o: CXXFLAGS += -DMINIRUN_VERSION='"$(VERSION)"'

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

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- what a person types ---

# docker-registry's service is not wanted: lessons start the program by themselves. A unit that is a link to /dev/null is masked.
NO_SERVICE = case " $$(echo $$need) " in *" docker-registry "*) \
  mkdir -p /etc/systemd/system && ln -s /dev/null /etc/systemd/system/docker-registry.service 2>/dev/null;; esac;

# Installs those of the packages in $(1) that are missing. Without root it says which. Those in $(2) too, where the
# distribution has them.
define install_packages
@missing() { for p; do dpkg-query -W -f '$${db:Status-Status}\n' $$p 2>/dev/null | grep -qx installed || echo $$p; done; }; \
need=$$(missing $(1)); more=$$(missing $(2)); \
[ -n "$$need$$more" ] || exit 0; \
if [ "$$(id -u)" != 0 ]; then \
  [ -n "$$need" ] || exit 0; echo "missing packages, install them with: sudo make $@" $$need >&2; exit 1; \
fi; \
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
deps-test: deps
	$(call install_packages,$(DEPS_TEST),$(DEPS_TEST_MORE))
deps-lint: deps-test
	$(call install_packages,$(DEPS_LINT))
deps-bench: deps
	$(call install_packages,$(DEPS_BENCH))
deps-vm:  ## install what the virtual machine is made with
	$(call install_packages,$(DEPS_VM))
lessons-deps:  ## install what the lessons use (lessons/lab help)
	$(call install_packages,$(DEPS_LESSONS))

hello: all examples/hello-world.tar.gz  ## install, build, make the example image, run it
	$(GIVE_BACK)
	$(B)/minirun examples/hello-world.tar.gz

EXAMPLES := $(patsubst %/build,%.tar.gz,$(wildcard examples/*/build))
examples: $(EXAMPLES)  ## saved images to look at: hello-world, busybox, whiteouts, config
	$(GIVE_BACK)
$(EXAMPLES): examples/%.tar.gz: examples/make-image $(wildcard examples/*/*) | deps
	examples/$*/build $@

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

lint: $(B)/seccomp_bpf.inc $(B)/exec_stub.inc $(EMBEDDED) $(B)/lessons.inc | deps-lint  ## format, layering, lesson tags, shellcheck, clang-tidy
	tests/lint
format:  ## clang-format all sources
	clang-format-14 -i $$(git ls-files '*.cpp' '*.h' '*.c')
asan: $(B)/minirun $(B)/unit $(TOOLS) $(EXAMPLES)  ## tests with address and undefined behaviour sanitizers (as root)
	@ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=1 MEMORY_FACTOR=12 MINIRUN=$(CURDIR)/$(B)/minirun \
	  FORGE=$(CURDIR)/$(B)/forge UNIT=$(B)/unit tests/run asan
bench: all | deps-bench  ## start and load against other runners, as ratios (as root)
	tests/bench/run.sh

vm: all $(TOOLS) $(EXAMPLES)  ## a virtual machine for the lessons, in build/vm (needs no root; lessons/vm)
	@lessons/vm/build $(sort bpftool $(DEPS_LESSONS) $(filter-out catch2,$(DEPS_TEST)))
vm-shell:  ## a login in it (VM_SHARE=DIR VM_RESET=1 VM_ACCEL=tcg VM_CPUS=2 VM_MEM=2048)
	@lessons/vm/boot shell
vm-test: vm  ## the end-to-end tests inside (VM_TESTS="run cleanup"); an hour or more where it is emulated
	@lessons/vm/boot test
vm-check: vm  ## a part of them, a few minutes
	@VM_TESTS="whiteouts limits confinement" lessons/vm/boot test

install: all  ## to PREFIX (/usr/local), below DESTDIR
	install -D -m 755 $(B)/minirun $(DESTDIR)$(PREFIX)/bin/minirun
clean:  ## remove all that was made
	rm -rf $(B) examples/*.tar.gz
help:  ## this list
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
