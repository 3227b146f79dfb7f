#include "runner/channel.h"

#include <sys/socket.h>

#include "runner/base/error.h"

namespace minirun::channel {
namespace {

template <typename Packet>
void send_packet(int channel, const Packet& packet) {
  // MSG_NOSIGNAL: a peer that was killed is an error to report, not a SIGPIPE to die of.
  check(::send(channel, &packet, sizeof packet, MSG_NOSIGNAL), "send to the other process");
}

template <typename Packet>
std::optional<Packet> receive_packet(int channel) {
  Packet packet{};
  ssize_t got = 0;
  do {
    got = ::recv(channel, &packet, sizeof packet, 0);
  } while (got == -1 && errno == EINTR);
  if (got == 0 || (got == -1 && errno == ECONNRESET)) return std::nullopt;
  check(got, "receive from the other process");
  if (got != sizeof packet) throw Error("the other process sent a packet of a wrong size");
  return packet;
}

}  // namespace

void send(int channel, const Request& request) { send_packet(channel, request); }
void send(int channel, const Report& report) { send_packet(channel, report); }
std::optional<Request> receive_request(int channel) { return receive_packet<Request>(channel); }
std::optional<Report> receive_report(int channel) { return receive_packet<Report>(channel); }

}  // namespace minirun::channel
