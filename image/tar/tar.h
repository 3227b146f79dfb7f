// A tar archive, read strictly.
//
//     bytes --> TarGuard --> libarchive --> TarReader::next, TarReader::data
//
// libarchive reads the formats (ustar, pax, GNU) with all their variants. No other code of minirun
// takes an entry's values from a header. But libarchive accepts what a container image must not
// have: a path that is cut at a NUL, a header with a wrong checksum, data after the end. So every
// byte first passes a guard, which reads the same 512-byte blocks and only refuses.
//
// Sources: pax(1) "ustar Interchange Format" and "pax Header Block"; tar(5); libarchive-formats(5).
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "image/stream/stream.h"

namespace minirun::image {

enum class EntryType { file, directory, symlink, hardlink, char_device, block_device, fifo };

/// One member of a tar archive, with values that system calls accept.
struct TarEntry {
  std::string path;  ///< as in the archive: "./", "/" and ".." are possible; not empty, no NUL
  EntryType type = EntryType::file;
  std::string target;  ///< of a symlink or hard link; else empty
  uint32_t mode = 0;   ///< 07777
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint64_t size = 0;  ///< of a file's content, holes included
  int64_t mtime_seconds = 0;
  uint32_t mtime_nanoseconds = 0;
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  std::vector<std::pair<std::string, std::string>> xattrs;
  bool has_acl_or_flags = false;  ///< minirun ignores them, and says so once
};

class TarReader {
 public:
  /// Reads `bytes` (borrowed). `name` is what messages call the archive. Throws ImageError.
  TarReader(ByteStream& bytes, std::string name);
  ~TarReader();
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  /// The next entry; nullopt at the end. If a layer must not have the entry, throws ImageError that
  /// names it.
  std::optional<TarEntry> next();

  struct Data {
    uint64_t offset;  ///< in the file; between two pieces there is a hole
    std::span<const std::byte> bytes;
  };
  /// The next piece of the current entry's content; nullopt at its end. Valid until the next call.
  std::optional<Data> data();

  /// Where the current entry's content begins, in bytes from the archive's start. Call it before
  /// data().
  uint64_t data_offset() const;

  /// Reads the bytes after the archive's end, which must be zeros: a layer's digest covers them
  /// too. Needs constant memory.
  void drain();

 private:
  struct Source;
  std::unique_ptr<Source> source_;
  ::archive* archive_ = nullptr;
  std::string name_;
};

}  // namespace minirun::image
