// An archive as its documents see it: members by name, whatever holds them.
//
//     directory, plain tar   listed first; then only what is wanted is read, where it lies
//     compressed, or a pipe  can't be sought in, and the manifest may be its last member: one pass
//                            keeps small members in memory and unpacks what looks like a layer
//                            into the staging area, by member; what the manifest
//                            then doesn't name is dropped
//
// A member's name comes from a stranger. It is looked up in a list, never opened on the host
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

/// The names in a tar archive, and what stands under them.
class Members {
 public:
  /// Remembers an entry; a later one of the same name replaces it, as tar(1) would. Its clean name,
  /// nullopt if nobody can ask for it ("../x"). Throws ImageError if they are too many.
  std::optional<std::string> add(const TarEntry& entry);
  /// The name of the regular member that `name` means: itself, or what it is a symlink to (docker
  /// save writes "../<id>/layer.tar" for a layer that it has already written). nullopt if there is
  /// none. Throws ImageError for all else.
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

/// Tells how far we are: at most ten times a second, and at the end.
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

  /// The content of a small member, nullopt if there is none; verified as far as the reference
  /// says. Throws ImageError.
  std::optional<std::string> read(const BlobRef& ref) const;
  /// Reads a layer to its end: puts it into its place, or only verifies it. Throws
  /// ImageError: the member is not there, or what is wrong with it.
  virtual ReadLayer read_layer(const std::string& member, bool unpack) = 0;
  /// How many bytes reading these layers will take; 0 if they were read already.
  virtual uint64_t cost(const std::vector<std::string>& members) const = 0;
  /// Names of members, for messages about what this archive is instead of an image.
  virtual std::vector<std::string> names() const = 0;

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

/// Opens a file, a directory, or "-" (standard input); a stream is read to its end by this.
/// `place` and `progress` are borrowed. Throws ImageError for what is no archive.
std::unique_ptr<Archive> open_archive(const std::string& path, LayerPlace& place,
                                      Progress& progress);

/// Throws an ImageError that says what this archive seems to be, as it has no document of an image.
[[noreturn]] void refuse_no_image(const Archive& archive);

// The three kinds, and the streams they share.

/// The name that messages use: a path, or "standard input".
std::unique_ptr<Archive> open_directory(UniqueFd dir, std::string name, LayerPlace& place,
                                        Progress& progress);
std::unique_ptr<Archive> list_tar(UniqueFd file, uint64_t size, const std::string& name,
                                  LayerPlace& place, Progress& progress);
/// One pass over an unpacked tar. Borrowed: all but the name.
std::unique_ptr<Archive> read_stream(ByteStream& tar, const std::string& name, LayerPlace& place);

/// Whether a block of 512 bytes begins a tar archive: the magic, or a checksum that fits (tars of
/// before 1988).
bool looks_like_tar(std::span<const std::byte> first);

/// A stream that tells how much was read of it.
class CountedStream : public ByteStream {
 public:
  CountedStream(ByteStream& source, Progress& progress) : source_(source), progress_(progress) {}
  size_t read(std::span<std::byte> into) override;

 private:
  ByteStream& source_;
  Progress& progress_;
};

/// Reads `bytes` as a layer into its place, or only verifies them.
ReadLayer unpack_member(ByteStream& bytes, const std::string& member, bool unpack,
                        LayerPlace& place);

/// All of a stream that is known to be short.
std::string read_whole(ByteStream& bytes, uint64_t size);

}  // namespace minirun::image
