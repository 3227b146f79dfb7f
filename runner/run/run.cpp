#include "runner/run/run.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/run/channel.h"
#include "runner/run/child.h"
#include "runner/run/interrupt.h"

namespace minirun {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

microseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<microseconds>(Clock::now() - start);
}

/// Throws a failure of a step, with the step's name before it.
[[noreturn]] void throw_in(const Step& step, Failure failure) {
  failure.text = cat("step ", step.id, ": ", failure.text);
  throw_failure(failure);
}

/// A failure that the child reported, as the exception that it was there.
[[noreturn]] void throw_report(const Step& step, const channel::Report& report) {
  const std::string attempt = report.attempt.data();
  if (report.kind == channel::Report::Kind::not_executed) {
    throw_in(step, failure_of(ns::cannot_execute(attempt, report.error)));
  }
  throw_in(step, {attempt, report.hint.data(), report.error, report.exec_status});
}

/// Walks the plan. What it has done, or begun, is what has to be undone.
class Walk {
 public:
  Walk(const Plan& plan, std::span<Listener* const> listeners, void (*note)(const std::string&))
      : plan_(plan), listeners_(listeners), note_(note) {}

  void forward();
  /// Tells the listeners that this was all.
  void stopped() noexcept;
  /// Newest first. Returns what could not be undone, one line each; a failure doesn't stop the
  /// rest.
  std::string back() noexcept;
  /// Tells the listeners that it is over. Returns what they had to complain of.
  std::string end() noexcept;
  int exit_status() const { return live_.exit_status; }

 private:
  microseconds perform_here(size_t index);
  microseconds perform_in_child(size_t first, size_t count);
  size_t child_run(size_t first) const;
  template <typename Tell>
  void tell_safely(const Tell& tell) noexcept;

  const Plan& plan_;
  std::span<Listener* const> listeners_;
  void (*note_)(const std::string& text);
  Live live_;
  Progress progress_;
  size_t begun_ = 0;        // steps before this index were at least begun
  std::string complaints_;  // of listeners, a line each
};

void Walk::forward() {
  for (size_t index = 0; index < plan_.size();) {
    const size_t count = plan_[index].side == Side::host ? 1 : child_run(index);
    for (Listener* listener : listeners_) listener->before({plan_, index, live_});
    begun_ = index + count;
    microseconds took{};
    try {
      took = plan_[index].side == Side::host ? perform_here(index) : perform_in_child(index, count);
    } catch (const std::exception& error) {
      tell_safely([&](Listener& listener) { listener.failed({plan_, index, live_}, error); });
      throw;
    }
    for (Listener* listener : listeners_) listener->after({plan_, index, live_, took});
    index += count;
  }
}

/// How many steps can go to the child in one message: one, where somebody wants to stand between
/// them. A round trip costs 30 microseconds, and 40 of them a third of a whole start.
size_t Walk::child_run(size_t first) const {
  size_t end = first + 1;
  while (listeners_.empty() && end < plan_.size() && plan_[end].side == Side::child) ++end;
  return end - first;
}

microseconds Walk::perform_here(size_t index) {
  const auto start = Clock::now();
  try {
    apply(plan_[index].op, live_);
  } catch (const std::exception& error) {
    throw_in(plan_[index], failure_of(error));
  }
  if (live_.child == 0) obey(plan_, live_, progress_);  // clone returned in the child
  if (!live_.note.empty()) note_(std::exchange(live_.note, {}));
  return since(start);
}

microseconds Walk::perform_in_child(size_t first, size_t count) {
  const Step& last = plan_[first + count - 1];
  const channel::Request request{static_cast<uint32_t>(first), static_cast<uint32_t>(count)};
  const auto start = Clock::now();
  std::optional<channel::Report> report;
  if (channel::send(live_.channel.get(), request)) {
    report = channel::receive_report(live_.channel.get());
  }
  for (; report && report->kind == channel::Report::Kind::note;
       report = channel::receive_report(live_.channel.get())) {
    note_(report->attempt.data());
  }
  if (!report) {
    // Before `first`, where the child died between two requests.
    const size_t begun = progress_.step();
    const Step& reached = plan_.at(std::max(begun, first));
    // The socket closed because the program runs.
    if (begun >= first && std::holds_alternative<ns::Exec>(reached.op)) return since(start);
    throw Error(cat("step ", reached.id, ": the container's first process ",
                    end_of(live_.child_pidfd.get()), " before it was done"),
                "the kernel kills where memory is short: see dmesg");
  }
  if (report->kind == channel::Report::Kind::not_executed) throw_report(last, *report);
  if (report->done < count) throw_report(plan_[first + report->done], *report);
  return microseconds(report->took_us);
}

void Walk::stopped() noexcept {
  tell_safely([this](Listener& listener) { listener.stopped(live_); });
}

std::string Walk::back() noexcept {
  std::string left;
  for (size_t index = begun_; index-- > 0;) {
    if (!can_undo(plan_[index].op)) continue;
    std::string problem;
    const auto start = Clock::now();
    try {
      undo(plan_[index].op, live_);
    } catch (const std::exception& error) {
      const std::string hint = failure_of(error).hint;
      problem = cat(error.what(), hint.empty() ? "" : "; ", hint);
    }
    live_.undo_failed |= !problem.empty();
    if (!problem.empty()) left += cat("\n  undo ", plan_[index].id, ": ", problem);
    const auto took = since(start);
    tell_safely([&](Listener& listener) { listener.undone({plan_, index, live_, took}, problem); });
  }
  return left;
}

std::string Walk::end() noexcept {
  tell_safely([this](Listener& listener) { listener.end(live_.exit_status); });
  return complaints_;
}

/// Once things are being undone nothing that a listener throws may stop that.
template <typename Tell>
void Walk::tell_safely(const Tell& tell) noexcept {
  for (Listener* listener : listeners_) {
    try {
      tell(*listener);
    } catch (const std::exception& error) {
      complaints_ += cat("\n  ", error.what());
    }
  }
}

/// Throws the failure again as what it was, with what else went wrong after it.
[[noreturn]] void rethrow_with(const std::exception_ptr& failure, const std::string& after) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    Failure whole = failure_of(error);
    whole.text = cat(error.what(), after);
    whole.number = 0;  // its words are in the text
    throw_failure(whole);
  }
}

}  // namespace

int run(const Plan& plan, std::span<Listener* const> listeners,
        void (*note)(const std::string& text)) {
  sigset_t all;
  ::sigfillset(&all);
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &all, nullptr); error != 0) {
    throw SysError(error, "block signals");
  }
  check_interrupt();  // one that came until now; from here on they wait for the program
  Walk walk(plan, listeners, note);
  std::exception_ptr failure;
  try {
    walk.forward();
  } catch (...) {
    failure = std::current_exception();
  }
  walk.stopped();
  const std::string left = walk.back();
  const std::string complaints = walk.end();
  if (failure) {
    const std::string after = cat(left.empty() ? "" : "\nand something of it is left:", left,
                                  complaints.empty() ? "" : "\nand besides:", complaints);
    if (after.empty()) std::rethrow_exception(failure);
    rethrow_with(failure, after);
  }
  if (!left.empty()) {
    throw Error(cat("the container has ended, but something of it is left:", left),
                "minirun gc tries again, and so does each start");
  }
  if (!complaints.empty()) {
    throw Error(cat("the container has ended, and nothing of it is left, but:", complaints));
  }
  return walk.exit_status();
}

}  // namespace minirun
