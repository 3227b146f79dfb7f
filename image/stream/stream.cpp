#include "image/stream/stream.h"

#include <algorithm>

#include "runner/base/error.h"

namespace minirun::image {

FileStream::FileStream(int fd, std::string name, uint64_t offset, uint64_t length)
    : fd_(fd), name_(std::move(name)), bounded_(true), offset_(offset), left_(length) {}

FileStream::FileStream(int fd, std::string name)
    : fd_(fd), name_(std::move(name)), bounded_(false) {}

size_t FileStream::read(std::span<std::byte> into) {
  const size_t wanted = bounded_ ? std::min<uint64_t>(into.size(), left_) : into.size();
  if (wanted == 0) return 0;
  ssize_t got = 0;
  do {
    got = bounded_ ? ::pread(fd_, into.data(), wanted, static_cast<off_t>(offset_))
                   : ::read(fd_, into.data(), wanted);
  } while (got == -1 && errno == EINTR &&
           bounded_);  // a pipe may stay silent: a signal ends the wait
  const auto length = static_cast<size_t>(check(got, "read ", name_));
  if (!bounded_) return length;
  if (length == 0) {
    throw ImageError(cat(name_, " is cut off: ", left_, " bytes are missing at its end"),
                     "copy or save the image again");
  }
  offset_ += length;
  left_ -= length;
  return length;
}

uint64_t FileStream::skip(uint64_t count) {
  if (!bounded_) return 0;
  const uint64_t skipped = std::min(count, left_);
  offset_ += skipped;
  left_ -= skipped;
  return skipped;
}

}  // namespace minirun::image
