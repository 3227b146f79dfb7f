// How the host leads the child: one plan, walked by the host, in lockstep over a socketpair.
//
//     host                                     child
//     do steps first .. first+count  ------->  performs them in order
//                            <---------------  a note for the person (now and then)
//                            <---------------  how many were done; of one that failed: errno, call
//     ...
//     do ... exec                    ------->  becomes the stub, and that the program: the socket
//                                              closes (close-on-exec), end of file
//                            <---------------  or the stub says that it can't: errno, path
//
// The plan was built before clone, so both hold it and only indexes travel. If the host is killed
// the child reads end-of-file and dies; if the child is killed the host reads end-of-file without a
// report.
//
// A packet is a struct of fixed size in one SOCK_SEQPACKET message: it arrives whole or not at all
// (unix(7)).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace minirun::channel {

struct Request {
  uint32_t first = 0;
  uint32_t count = 0;
};

struct Report {
  enum class Kind : int32_t {
    steps,         // the request is done, or one of its steps failed
    note,          // it goes on; `attempt` is something that a person should know
    not_executed,  // the stub's word: execve(2) of the path in `attempt` failed with `error`
  };
  Kind kind = Kind::steps;
  uint32_t done = 0;        ///< steps that succeeded; fewer than asked for: the next one failed
  int32_t error = 0;        ///< errno of the failure; 0 if it was no system call
  int32_t took_us = 0;      ///< microseconds that the steps took, by the child's clock
  int32_t exec_status = 0;  ///< 126 or 127 where the program cannot be run
  std::array<char, 768> attempt{};  ///< what was tried and failed, cut if longer
  std::array<char, 512> hint{};
};

/// What the stub sends (namespaces/exec_stub.c): a shorter packet, of which receive_report makes a
/// Report.
struct NotExecuted {
  int32_t error = 0;
  std::array<char, 767> path{};
};

/// False where the other side is gone, as an end-of-file is for who receives.
[[nodiscard]] bool send(int channel, const Request& request);
void send(int channel, const Report& report);
/// nullopt at end-of-file: the other side has ended, or has become the program.
std::optional<Request> receive_request(int channel);
std::optional<Report> receive_report(int channel);

/// Copies as much as fits and ends it with a zero.
template <size_t N>
void put(std::array<char, N>& field, const std::string& text) {
  field[text.copy(field.data(), N - 1)] = '\0';
}

}  // namespace minirun::channel
