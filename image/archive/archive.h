// An archive: its members by name. It may be a directory, a tar file or a stream.
//
//     directory, plain tar   listed first; later each member that is needed is read at its place
//     compressed, or a pipe  can be read only once, and the manifest may be the last member: one
//                            pass keeps small members in memory, and unpacks each member that may
//                            be a layer into the staging area; what the manifest doesn't name is
//                            dropped
//
// Nobody has checked a member's name. It is looked up in a list, never opened on the host
// (CVE-2014-9356).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/document/manifest.h"
#include "image/layer/unpack.h"
#include "image/stream/stream.h"
#include "image/tar/tar.h"

namespace minirun::image {

/// The names in a tar archive, and the kind of each member.
class Members {
 public:
  /// Remembers an entry. A later one of the same name replaces it, as with tar(1). Returns its
  /// clean name ("/x" and "./x" are "x"); nullopt if no document may name it ("../x"). Throws
  /// ImageError if they are too many.
  std::optional<std::string> add(const TarEntry& entry);
  /// The name of the regular member that `name` means: `name` itself, or the target of that symlink
  /// (docker save writes a symlink to "../<id>/layer.tar" for a layer that it has already written)
  /// or hard link (a repack that stores equal files once).
  /// nullopt if there is no such member. Throws ImageError if it is of another kind.
  std::optional<std::string> resolve(const std::string& name) const;
  /// All names of regular members and links.
  std::vector<std::string> names() const;

 private:
  struct Member {
    EntryType type;
    std::string target;
  };
  std::map<std::string, Member> members_;
};

/// Reports the progress: at most ten times a second, and at the end.
class Progress {
 public:
  using Report = std::function<void(uint64_t done, uint64_t total)>;
  explicit Progress(Report report) : report_(std::move(report)) {}
  void expect(uint64_t total) { total_ = total; }
  void add(uint64_t bytes);
  void finish() const;

 private:
  Report report_;
  uint64_t done_ = 0;
  uint64_t total_ = 0;
  std::chrono::steady_clock::time_point told_{};
};

class Archive {
 public:
  virtual ~Archive() = default;
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  /// The content of a small member; nullopt if there is no such member. Verifies digest and size,
  /// if the reference has them. Throws ImageError.
  std::optional<std::string> read(const BlobRef& ref) const;
  /// Reads a layer to its end. Unpacks it into its place, or only verifies it. Throws ImageError:
  /// the member is missing, or not a valid layer.
  virtual ReadLayer read_layer(const std::string& member, bool unpack) = 0;
  /// How many bytes reading these layers will take; 0 if they were read already.
  virtual uint64_t cost(const std::vector<std::string>& members) const = 0;
  /// Names of members, for the message that says what this archive is instead of an image.
  virtual std::vector<std::string> names() const = 0;

  /// The system calls by which a member is read, in the form of syscall_text.h.
  /// Empty if it was read when the archive was opened, as all of a stream is.
  virtual std::vector<std::string> calls(const std::string&) const { return {}; }

  virtual bool is_directory() const { return false; }
  const std::string& name() const { return name_; }

 protected:
  explicit Archive(std::string name) : name_(std::move(name)) {}
  /// As `read`, unverified. Throws ImageError if it is longer than max_json_size.
  virtual std::optional<std::string> content(const std::string& member) const = 0;
  [[noreturn]] void refuse_missing(const std::string& member) const;
  [[noreturn]] void refuse_large(const std::string& member, uint64_t size) const;

 private:
  std::string name_;
};

/// Opens a file, a directory, or "-" (standard input). Reads a stream to its end. `place` and
/// `progress` are borrowed. Throws ImageError if it is no archive.
std::unique_ptr<Archive> open_archive(const std::string& path, LayerPlace& place,
                                      Progress& progress);

// The three kinds, and the streams they share.

/// The name that messages use: a path, or "standard input".
std::unique_ptr<Archive> open_directory(UniqueFd dir, std::string name, LayerPlace& place,
                                        Progress& progress);
std::unique_ptr<Archive> list_tar(UniqueFd file, uint64_t size, const std::string& name,
                                  LayerPlace& place, Progress& progress);
/// Reads an unpacked tar in one pass. `tar` and `place` are borrowed.
std::unique_ptr<Archive> read_stream(ByteStream& tar, const std::string& name, LayerPlace& place);

/// Whether a block of 512 bytes is the first of a tar archive: it has the magic, or a right
/// checksum (tars from before 1988 have no magic).
bool looks_like_tar(std::span<const std::byte> first);

/// A stream that reports how much was read from it.
class CountedStream : public ByteStream {
 public:
  CountedStream(ByteStream& source, Progress& progress) : source_(source), progress_(progress) {}
  size_t read(std::span<std::byte> into) override;

 private:
  ByteStream& source_;
  Progress& progress_;
};

/// Reads `bytes` as a layer: unpacks it into its place, or only verifies it.
ReadLayer unpack_member(ByteStream& bytes, const std::string& member, bool unpack,
                        LayerPlace& place);

/// All of a stream that is known to be short.
std::string read_whole(ByteStream& bytes, uint64_t size);

}  // namespace minirun::image
