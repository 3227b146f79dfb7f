// Bytes that are read from front to back. The source may be a file, a member of an archive, or a
// decompressor.
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

/// `length` bytes of a file from `offset`, or all bytes of a pipe. For a file it uses pread(2), so
/// streams may share the descriptor, which is borrowed. If the file is shorter than `length`,
/// throws ImageError.
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
