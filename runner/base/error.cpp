#include "runner/base/error.h"

#include <unistd.h>

#include <cstring>

namespace minirun {

namespace {

/// What is forbidden to root is forbidden by something that a person may not think of.
std::string forbidden(const char* to_root) {
  const uid_t user = ::geteuid();
  return user == 0 ? to_root : cat("it may take root, and this is user ", user);
}

}  // namespace

std::string usual_cause(int number) {
  switch (number) {
    case EPERM:
      return forbidden(
          "even root may not do that here: a container around minirun, its seccomp filter or a "
          "security module (AppArmor, SELinux) forbids it; try it on the host itself or in a VM");
    case EACCES:
      return forbidden(
          "mode bits don't stop root: a security module (AppArmor, SELinux), a network file system "
          "or another user's FUSE mount does");
    case ENOSYS:
      return "this kernel lacks that call, or a seccomp filter hides it, as inside most containers";
    case EMFILE:
      return "this process has as many open files as it may have: raise ulimit -n";
    case ENFILE:
      return "the whole system has as many open files as it may have: see /proc/sys/fs/file-nr";
    case ENOMEM:
      return "memory is short: that of the machine (free -m), or of the cgroup that minirun was "
             "started in (memory.max)";
    case ENOSPC:
      return "that file system is full: df -h shows its bytes, df -i its inodes; minirun images, "
             "containers and volumes show what the store has";
    case EFBIG:
      return "files may not be that long here: raise ulimit -f, or choose another file system";
    case EDQUOT:
      return "a disk quota is used up: see quota(1)";
    case EROFS:
      return "it is mounted read only: choose another place, with --root DIR or MINIRUN_ROOT if it "
             "is the store";
    case EIO:
      return "a device failed: dmesg(1) says more";
    default:
      return {};
  }
}

SysError::SysError(int number, const std::string& attempt, std::string hint)
    : Error(cat(attempt, ": ", errno_words(number)),
            hint.empty() ? usual_cause(number) : std::move(hint)),
      number_(number),
      attempt_(attempt) {}

Failure failure_of(const std::exception& error) {
  Failure failure{error.what(), {}};
  if (const auto* ours = dynamic_cast<const Error*>(&error)) failure.hint = ours->hint();
  if (const auto* exec = dynamic_cast<const ExecError*>(&error)) {
    failure.exec_status = exec->status();
  }
  if (const auto* system = dynamic_cast<const SysError*>(&error)) {
    failure.text = system->attempt();
    failure.number = system->number();
  }
  return failure;
}

void throw_failure(const Failure& failure) {
  if (failure.exec_status != 0) throw ExecError(failure.exec_status, failure.text, failure.hint);
  if (failure.number != 0) throw SysError(failure.number, failure.text, failure.hint);
  throw Error(failure.text, failure.hint);
}

std::string_view errno_words(int number) {
  const char* words = ::strerrordesc_np(number);
  return words == nullptr ? "Unknown error" : words;
}

}  // namespace minirun
