#include "runner/run/child.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <new>
#include <utility>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/run/channel.h"

namespace minirun {
namespace {

/// Now, because no report follows a batch that ends in exec.
void send_note(Live& live) {
  channel::Report report;
  report.kind = channel::Report::Kind::note;
  channel::put(report.attempt, std::exchange(live.note, {}));
  channel::send(live.channel.get(), report);
}

/// Performs the steps that one request asks for and says how far it came.
channel::Report perform(const Plan& plan, const channel::Request& request, Live& live,
                        Progress& progress) {
  channel::Report report;
  const auto start = std::chrono::steady_clock::now();
  try {
    for (; report.done < request.count; ++report.done) {
      progress.begins(request.first + report.done);
      apply(plan.at(request.first + report.done).op, live);
      if (!live.note.empty()) send_note(live);
    }
  } catch (const std::exception& error) {
    const Failure failure = failure_of(error);
    report.exec_status = failure.exec_status;
    report.error = failure.number;
    channel::put(report.attempt, failure.text);
    channel::put(report.hint, failure.hint);
  }
  const auto took = std::chrono::steady_clock::now() - start;
  report.took_us =
      static_cast<int32_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  return report;
}

}  // namespace

[[noreturn]] void obey(const Plan& plan, Live& live, Progress& progress) noexcept {
  try {
    while (const auto request = channel::receive_request(live.channel.get())) {
      channel::send(live.channel.get(), perform(plan, *request, live, progress));
    }
  } catch (...) {  // the host is gone: there is nobody to tell
  }
  ::_exit(125);
}

Progress::Progress() {
  void* page =
      ::mmap(nullptr, sizeof(Index), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw SysError(errno, "mmap of a page for two processes");
  step_ = new (page) Index(0);
}

Progress::~Progress() { ::munmap(step_, sizeof(Index)); }

std::string end_of(int pidfd) {
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOWAIT) == -1) {
    if (errno != EINTR) return "ended";
  }
  if (info.si_code == CLD_EXITED) return cat("ended with status ", info.si_status);
  const char* name = ::sigabbrev_np(info.si_status);
  if (name == nullptr) return cat("was ended by signal ", info.si_status);
  return cat("was ended by SIG", name);
}

}  // namespace minirun
