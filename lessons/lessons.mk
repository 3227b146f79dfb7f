# The lessons and their virtual machine. Included by the Makefile.

DEPS_LESSONS := bats jq strace util-linux e2fsprogs procps busybox-static xz-utils bsdextrautils attr gcc libc6-dev \
                docker-registry curl openssl
DEPS_VM    := mmdebstrap uidmap e2fsprogs qemu-utils qemu-system-x86 git

.PHONY: lessons-deps deps-vm vm vm-shell vm-test vm-check
lessons-deps:  ## install what the lessons use (lessons/lab help)
	$(call install_packages,$(DEPS_LESSONS))
deps-vm:  ## install what the virtual machine is made with
	$(call install_packages,$(DEPS_VM))

vm: all $(TOOLS) $(EXAMPLES)  ## a virtual machine for the lessons, in build/vm (needs no root; lessons/vm)
	@lessons/vm/build $(sort bpftool $(DEPS_LESSONS) $(filter-out catch2,$(DEPS_TEST)))
vm-shell:  ## a login in it (VM_SHARE=DIR VM_RESET=1 VM_ACCEL=tcg VM_CPUS=2 VM_MEM=2048)
	@lessons/vm/boot shell
vm-test: vm  ## the end-to-end tests inside (VM_TESTS="run cleanup"); an hour or more where it is emulated
	@lessons/vm/boot test
vm-check: vm  ## a part of them, a few minutes
	@VM_TESTS="whiteouts limits confinement" lessons/vm/boot test
