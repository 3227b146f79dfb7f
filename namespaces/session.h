// What a process inherits without asking, and what the program must not get of it.
//
// Source: setsid(2), keyrings(7), prctl(2) "PR_SET_PDEATHSIG", execve(2) "Effect on process
// attributes".
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// A session of its own (no controlling terminal: TIOCSTI could type into the caller's shell) and a
/// session keyring of its own (else it shares the caller's keys).
struct NewSession {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const NewSession&) const = default;
};

/// Signal mask empty, dispositions default, umask 022, and death with the runner (PR_SET_PDEATHSIG:
/// after the user was set, since a change of user clears it).
struct ResetProcess {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const ResetProcess&) const = default;
};

}  // namespace minirun::ns
