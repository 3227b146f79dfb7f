// A ring of blocks between one thread that fills it and a few threads that each read all of it.
//
//     writer ->  [ 7 ][ 8 ][ 9 ][   ][   ]   a block is filled again when the slowest reader
//                  ^ slow       ^ fast       has released it
//
// A thread that fails calls stop(). Then no thread waits any longer, and readers see the end.
#pragma once

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "image/stream/stream.h"

namespace minirun::image {

class Ring {
 public:
  static constexpr size_t block_size = 1 << 20;
  static constexpr size_t block_count = 8;
  static constexpr size_t max_readers = 2;

  explicit Ring(size_t readers) : readers_(readers) {}

  /// Fills the next block from `source`, completely if the source has enough bytes. False at the
  /// source's end, or if the ring was stopped.
  bool fill(ByteStream& source) {
    Block& block = blocks_[filled_ % block_count];  // only this thread writes filled_
    {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [&] { return stopped_ || filled_ - slowest() < block_count; });
      if (stopped_) return false;
    }
    if (block.bytes.empty()) block.bytes.resize(block_size);
    size_t length = 0;
    size_t got = 1;
    while (length < block_size && got != 0) {
      got = source.read(std::span(block.bytes).subspan(length));
      length += got;
    }
    block.length = length;
    const std::scoped_lock lock(mutex_);
    ++filled_;
    ended_ = got == 0;
    data_.notify_all();
    return !ended_;
  }

  /// The next block for `reader`, valid until its next call; empty at the end.
  std::span<const std::byte> next(size_t reader) {
    std::unique_lock lock(mutex_);
    State& state = states_[reader];
    if (state.holds) {
      state.holds = false;
      ++state.done;
      room_.notify_one();
    }
    for (;;) {
      data_.wait(lock, [&] { return stopped_ || ended_ || state.done < filled_; });
      if (stopped_ || state.done == filled_) return {};
      const Block& block = blocks_[state.done % block_count];
      if (block.length != 0) {
        state.holds = true;
        return std::span(block.bytes).first(block.length);
      }
      ++state.done;  // the source ended exactly where a block did
    }
  }

  void stop() {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    room_.notify_all();
    data_.notify_all();
  }

 private:
  struct Block {
    std::vector<std::byte> bytes;  // allocated when first filled: a small layer needs one block
    size_t length = 0;
  };
  struct State {
    uint64_t done = 0;   // the number of blocks that this reader has released
    bool holds = false;  // it is reading the block after those
  };

  uint64_t slowest() const {
    uint64_t done = states_[0].done;
    for (size_t i = 1; i < readers_; ++i) done = std::min(done, states_[i].done);
    return done;
  }

  const size_t readers_;
  std::array<Block, block_count> blocks_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable data_;
  std::array<State, max_readers> states_{};
  uint64_t filled_ = 0;
  bool ended_ = false;
  bool stopped_ = false;
};

/// Stops a ring when its thread leaves the scope, so an error in one thread ends the others too. If
/// the ring is at its end already, this changes nothing.
class StopsRing {
 public:
  explicit StopsRing(Ring& ring) : ring_(&ring) {}
  StopsRing(const StopsRing&) = delete;
  StopsRing& operator=(const StopsRing&) = delete;
  ~StopsRing() {
    if (ring_ != nullptr) ring_->stop();
  }
  void dismiss() { ring_ = nullptr; }

 private:
  Ring* ring_;
};

/// One reader's view of a ring as a stream.
class RingStream : public ByteStream {
 public:
  RingStream(Ring& ring, size_t reader) : ring_(ring), reader_(reader) {}
  size_t read(std::span<std::byte> into) override {
    if (block_.empty()) block_ = ring_.next(reader_);
    const size_t length = std::min(into.size(), block_.size());
    std::copy_n(block_.begin(), length, into.begin());
    block_ = block_.subspan(length);
    return length;
  }

 private:
  Ring& ring_;
  size_t reader_;
  std::span<const std::byte> block_;
};

}  // namespace minirun::image
