// Errors that a person can act on.
//
// Every failure in minirun is an exception, because a step that fails must stop all that follow,
// and because the place that can undo things is far from the place that fails. `check` keeps the
// success path readable: it turns the -1 of a system call into an exception and joins its words
// only then.
#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace minirun {

/// What main prints: what failed, and a hint (may be empty) that says what to do about it.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what, std::string hint = {})
      : std::runtime_error(what), hint_(std::move(hint)) {}
  const std::string& hint() const { return hint_; }

 private:
  std::string hint_;
};

/// What an errno usually means whatever was tried, and what to do about it; empty where that
/// depends on the call. What ENOSPC or EINVAL means to a certain call is said where it is made.
std::string usual_cause(int number);

/// A system call failed: `attempt` is the call with its arguments in words, `number` its errno. The
/// hint is the errno's usual cause if none is given.
class SysError : public Error {
 public:
  SysError(int number, const std::string& attempt, std::string hint = {});
  int number() const { return number_; }
  const std::string& attempt() const { return attempt_; }

 private:
  int number_;
  std::string attempt_;
};

/// The archive, or something in it, is not what it has to be. Nothing of it has entered the store.
class ImageError : public Error {
 public:
  using Error::Error;
};

/// The command line cannot be obeyed.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// The program cannot be started: exit status 126 (cannot be executed) or 127 (not found), as a
/// shell's.
class ExecError : public Error {
 public:
  ExecError(int status, const std::string& what, std::string hint = {})
      : Error(what, std::move(hint)), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

/// The words of an errno, without strerror's shared buffer (strerrordesc_np(3)).
std::string_view errno_words(int number);

/// Joins strings and numbers into one string: cat("layer ", 3).
template <typename... Words>
std::string cat(const Words&... words) {
  std::string joined;
  const auto add = [&joined](const auto& word) {
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(word)>>) {
      joined += std::to_string(word);
    } else {
      joined += word;
    }
  };
  (add(words), ...);
  return joined;
}

/// Returns the result of a system call, or throws SysError with the joined words if it is -1.
template <typename Result, typename... Words>
Result check(Result result, const Words&... words) {
  if (result == -1) {
    const int number = errno;  // before cat(): allocating may change it
    throw SysError(number, cat(words...));
  }
  return result;
}

}  // namespace minirun
