#include "runner/run/channel.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "runner/base/error.h"

namespace minirun::channel {
namespace {

constexpr const char* cannot_send = "send to the other process";
constexpr const char* wrong_size = "the other process sent a packet of a wrong size";

/// Returns how many bytes came, 0 at end-of-file.
template <typename Packet>
size_t receive_packet(int channel, Packet& packet) {
  ssize_t got = 0;
  do {
    got = ::recv(channel, &packet, sizeof packet, 0);
  } while (got == -1 && errno == EINTR);
  if (got == -1 && errno == ECONNRESET) return 0;
  return static_cast<size_t>(check(got, "receive from the other process"));
}

}  // namespace

// MSG_NOSIGNAL: a peer that was killed is an error to report, not a SIGPIPE to die of.

bool send(int channel, const Request& request) {
  const ssize_t sent = ::send(channel, &request, sizeof request, MSG_NOSIGNAL);
  if (sent == -1 && (errno == EPIPE || errno == ECONNRESET)) return false;
  check(sent, cannot_send);
  return true;
}

void send(int channel, const Report& report) {
  check(::send(channel, &report, sizeof report, MSG_NOSIGNAL), cannot_send);
}

std::optional<Request> receive_request(int channel) {
  Request request;
  const size_t got = receive_packet(channel, request);
  if (got == 0) return std::nullopt;
  if (got != sizeof request) throw Error(wrong_size);
  return request;
}

std::optional<Report> receive_report(int channel) {
  Report report;
  const size_t got = receive_packet(channel, report);
  if (got == 0) return std::nullopt;
  if (got == sizeof report) return report;
  if (got < sizeof(int32_t)) throw Error(wrong_size);
  NotExecuted failure;
  std::memcpy(static_cast<void*>(&failure), &report, std::min(got, sizeof failure));
  report = {};
  report.kind = Report::Kind::not_executed;
  report.error = failure.error;
  put(report.attempt,
      std::string(failure.path.data(), std::min(got, sizeof failure) - sizeof failure.error));
  return report;
}

}  // namespace minirun::channel
