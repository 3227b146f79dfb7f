// Capabilities: the raw system calls for the sets, and libcap for the names. capset(2) sets three
// sets in one call. libcap's own functions would hide this call from the reader.
//
// At execve(2) root gets again what the bounding set has. So for root the bounding set decides, and
// it is reduced first.
#include "namespaces/caps.h"

#include <linux/capability.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <memory>

#include "runner/base/error.h"
#include "runner/base/near.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {

namespace {

constexpr int kernel_limit = 64;  // the sets have 64 bits; a kernel of 6.1 knows 41 capabilities

std::string name_of(int cap);

/// "-all,+chown,+setuid", as setpriv(1) takes it.
std::string setpriv_caps(CapSet keep);

/// "CAP_CHOWN", as the kernel's headers and strace(1) have it.
std::string constant(int cap);

/// A whole set: "1<<CAP_CHOWN|1<<CAP_SETUID".
std::string set_text(CapSet caps);

void clear_securebits();

}  // namespace

// LESSON: bounding
void DropBounding::apply(Live&) const {
  clear_securebits();
  for (int cap = 0; cap < kernel_limit; ++cap) {
    if ((keep & cap_bit(cap)) != 0) continue;
    if (::prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0) continue;
    const int number = errno;
    if (number == EINVAL)
      return;  // the first that this kernel doesn't know: it is not to be had either
    throw SysError(number, cat("prctl PR_CAPBSET_DROP ", name_of(cap)),
                   number == EPERM ? "dropping needs CAP_SETPCAP: run minirun as full root" : "");
  }
}

std::string DropBounding::shell() const {
  return cat("privileges=\"$privileges --bounding-set=", setpriv_caps(keep), "\"");
}

std::vector<std::string> DropBounding::calls() const {
  std::vector<std::string> list = {call("prctl", "PR_SET_SECUREBITS", 0)};
  const CapSet dropped = all_caps() & ~keep;
  for (int cap = 0; cap < kernel_limit; ++cap) {
    if ((dropped & cap_bit(cap)) == 0) continue;
    list.push_back(call("prctl", "PR_CAPBSET_DROP", constant(cap)));
  }
  return list;
}

std::string DropBounding::look() const { return "grep CapBnd /proc/$PID/status"; }

// LESSON: caps
void SetCapabilities::apply(Live&) const {
  check(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
        "prctl PR_CAP_AMBIENT_CLEAR_ALL");
  struct __user_cap_header_struct header {};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  std::array<struct __user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  for (size_t half = 0; half < sets.size(); ++half) {
    sets[half].permitted = sets[half].effective = static_cast<uint32_t>(permitted >> (32 * half));
  }
  if (::syscall(SYS_capset, &header, sets.data()) == 0) return;
  const int number = errno;
  throw SysError(
      number, cat("capset ", permitted == 0 ? "nothing" : cap_names(permitted)),
      number == EPERM
          ? "minirun itself lacks one of these (CapPrm in /proc/self/status), so it can't give it; "
            "run it as full root, or --cap-drop that one"
          : "");
}

// The permitted set itself has no option: execve(2) makes it from the bounding set for root, and
// empty for the others.
std::string SetCapabilities::shell() const {
  return "privileges=\"$privileges --inh-caps=-all --ambient-caps=-all\"";
}

std::vector<std::string> SetCapabilities::calls() const {
  const std::string caps = set_text(permitted);
  return {call("prctl", "PR_CAP_AMBIENT", "PR_CAP_AMBIENT_CLEAR_ALL", 0, 0, 0),
          call("capset", "{version=_LINUX_CAPABILITY_VERSION_3, pid=0}",
               cat("{effective=", caps, ", permitted=", caps, ", inheritable=0}"))};
}

std::string SetCapabilities::look() const { return "grep Cap /proc/$PID/status"; }

// LESSON: no-new-privs
void NoNewPrivileges::apply(Live&) const {
  check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl PR_SET_NO_NEW_PRIVS");
}

std::string NoNewPrivileges::shell() const { return "privileges=\"$privileges --no-new-privs\""; }

std::vector<std::string> NoNewPrivileges::calls() const {
  return {call("prctl", "PR_SET_NO_NEW_PRIVS", 1, 0, 0, 0)};
}

std::string NoNewPrivileges::look() const { return "grep NoNewPrivs /proc/$PID/status"; }

namespace {

struct FreeCapText {
  void operator()(char* text) const { ::cap_free(text); }
};

std::string name_of(int cap) {
  const std::unique_ptr<char, FreeCapText> name(::cap_to_name(cap));
  return name == nullptr ? cat("cap_", cap) : name.get();
}

std::string setpriv_caps(CapSet keep) {
  std::string list = "-all";
  for (int cap = 0; cap < kernel_limit; ++cap) {
    if ((keep & cap_bit(cap)) != 0) list += ",+" + name_of(cap).substr(4);  // without "cap_"
  }
  return list;
}

std::string constant(int cap) {
  std::string name = name_of(cap);
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

std::string set_text(CapSet caps) {
  std::string text;
  for (int cap = 0; cap < kernel_limit; ++cap) {
    if ((caps & cap_bit(cap)) != 0) text += cat(text.empty() ? "" : "|", "1<<", constant(cap));
  }
  return text.empty() ? "0" : text;
}

void clear_securebits() {
  if (::prctl(PR_SET_SECUREBITS, 0, 0, 0, 0) == 0) return;
  const int number = errno;
  throw SysError(number, "prctl PR_SET_SECUREBITS 0",
                 number == EPERM ? "the caller has locked some (setpriv --dump shows them), or "
                                   "CAP_SETPCAP is missing: run minirun as full root"
                                 : "");
}

}  // namespace

CapSet default_caps() {
  return cap_bit(CAP_CHOWN) | cap_bit(CAP_DAC_OVERRIDE) | cap_bit(CAP_FOWNER) |
         cap_bit(CAP_FSETID) | cap_bit(CAP_KILL) | cap_bit(CAP_SETGID) | cap_bit(CAP_SETUID) |
         cap_bit(CAP_SETPCAP) | cap_bit(CAP_NET_BIND_SERVICE) | cap_bit(CAP_SYS_CHROOT) |
         cap_bit(CAP_SETFCAP);
}

CapSet all_caps() {
  const int count = static_cast<int>(::cap_max_bits());
  return count >= kernel_limit ? ~CapSet{0} : cap_bit(count) - 1;
}

std::string cap_names(CapSet caps) {
  std::string names;
  for (int cap = 0; cap < kernel_limit; ++cap) {
    if ((caps & cap_bit(cap)) == 0) continue;
    if (!names.empty()) names += ',';
    names += name_of(cap);
  }
  return names;
}

std::string cap_words(CapSet caps) {
  if (caps == 0) return "none";
  const CapSet all = all_caps();
  const CapSet missing = all & ~caps;
  if (missing == 0) return cat("all ", std::popcount(all));
  const bool is_mostly_all = std::popcount(missing) < std::popcount(caps);
  const std::string names = cap_names(is_mostly_all ? missing : caps);
  std::string spaced;
  for (const char c : names) spaced += c == ',' ? std::string(", ") : std::string(1, c);
  return is_mostly_all ? "all but " + spaced : spaced;
}

CapSet parse_cap(std::string_view name) {
  std::string lower;
  for (const char c : name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (!lower.starts_with("cap_")) lower = "cap_" + lower;
  cap_value_t cap = 0;
  // cap_from_name(3) stops at the first character that is in no name, and takes "chown,kill" for
  // chown.
  const bool whole = lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
  if (!whole || ::cap_from_name(lower.c_str(), &cap) != 0) {
    std::vector<std::string> known;
    for (int each = 0; each < kernel_limit && (all_caps() & cap_bit(each)) != 0; ++each) {
      known.push_back(name_of(each));
    }
    std::string near;
    for (const std::string& other : near_matches(lower, known)) {
      near += cat(near.empty() ? "did you mean " : ", ", other.substr(4));
    }
    throw UsageError(cat("unknown capability ", printable(name)),
                     cat(near, near.empty() ? "" : "? ",
                         "names are those of capabilities(7), with or without CAP_: CHOWN, "
                         "NET_RAW; ALL means each"));
  }
  return cap_bit(cap);
}

CapSet bounding_caps() {
  CapSet caps = 0;
  for (int cap = 0; cap < kernel_limit; ++cap) {
    const int has = ::prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
    if (has == -1) break;  // EINVAL: the kernel knows no higher one
    if (has == 1) caps |= cap_bit(cap);
  }
  return caps;
}

}  // namespace minirun::ns
