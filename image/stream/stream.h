// Bytes that are read from front to back, whatever they come from: a file, a member of an archive,
// a decompressor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "runner/base/unique_fd.h"

namespace minirun::image {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Reads at least one byte and at most all that fits; 0 only at the end. Throws ImageError or
  /// SysError.
  virtual size_t read(std::span<std::byte> into) = 0;
  /// Skips at most `count` bytes without reading. Returns how many; 0 means: read them.
  virtual uint64_t skip(uint64_t count) {
    static_cast<void>(count);
    return 0;
  }

 protected:
  ByteStream() = default;
  ByteStream(const ByteStream&) = default;
  ByteStream& operator=(const ByteStream&) = default;
};

/// `length` bytes of a file from `offset` (pread, so that streams may share the descriptor), or of
/// all that comes from a pipe (read). The descriptor is borrowed. A file that is shorter than
/// promised is an ImageError.
class FileStream : public ByteStream {
 public:
  FileStream(int fd, std::string name, uint64_t offset,
             uint64_t length);           ///< a part of a regular file
  FileStream(int fd, std::string name);  ///< a pipe or a file, from where it stands
  size_t read(std::span<std::byte> into) override;
  uint64_t skip(uint64_t count) override;

 private:
  int fd_;
  std::string name_;
  bool bounded_;
  uint64_t offset_ = 0;
  uint64_t left_ = 0;
};

}  // namespace minirun::image
