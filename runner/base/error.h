// Errors that a person can act on.
//
// Every failure in minirun is an exception. A step that fails must stop all steps after it, and the
// code that can undo is far from the code that fails. `check` keeps the successful path readable:
// it turns the -1 of a system call into an exception, and joins its words only then.
#pragma once

#include <cerrno>
#include <exception>
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

/// What an errno usually means for any call, and what to do about it. Empty if its meaning depends
/// on the call. The file that makes a call knows what ENOSPC or EINVAL means for it.
std::string usual_cause(int number);

/// A system call failed. `attempt` is the call with its arguments in words, `number` is its errno.
/// If no hint is given, the hint is the errno's usual cause.
class SysError : public Error {
 public:
  SysError(int number, const std::string& attempt, std::string hint = {});
  int number() const { return number_; }
  const std::string& attempt() const { return attempt_; }

 private:
  int number_;
  std::string attempt_;
};

/// The archive, or something in it, is not valid. No part of it is in the store.
class ImageError : public Error {
 public:
  using Error::Error;
};

/// The command line cannot be obeyed.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// The program cannot be started. As in a shell, the exit status is 126 (cannot be executed) or 127
/// (not found).
class ExecError : public Error {
 public:
  ExecError(int status, const std::string& what, std::string hint = {})
      : Error(what, std::move(hint)), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

/// A failure as plain values: the child sends them to the host, and the host throws them again.
struct Failure {
  std::string text;     ///< what was tried; if `number` is set, without the words of the errno
  std::string hint;     ///< may be empty
  int number = 0;       ///< errno of a system call; 0 if it was none
  int exec_status = 0;  ///< 126 or 127 if the program cannot be started
};

Failure failure_of(const std::exception& error);
/// Throws an ExecError, a SysError or an Error, as the values say.
[[noreturn]] void throw_failure(const Failure& failure);

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
