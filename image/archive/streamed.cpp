// Archives that can be read only once. The manifest may come last, so each member is kept, unpacked
// or skipped before it is known which members are needed.
//
//     up to 64 KiB                    kept in memory as it is
//     up to 4 MiB, '{' or '[' first   kept in memory: a document
//     compressed, or a tar            unpacked into the staging area
//     else                            skipped
//
// A damaged layer may be one that isn't needed (another platform's). So its error is kept, and is
// thrown only if the manifest names the layer. The limits hold for all layers, because a bomb does
// harm even if no image needs it.
#include <cstring>
#include <future>

#include "image/archive/archive.h"
#include "image/archive/no_image.h"
#include "image/document/json.h"
#include "image/stream/decompress.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr uint64_t small_member = 64 << 10;
constexpr uint64_t max_kept = 32 << 20;
constexpr size_t max_kept_members = 10'000;

/// The content of the current entry of `tar`.
class MemberStream : public ByteStream {
 public:
  MemberStream(TarReader& tar, uint64_t size) : tar_(tar), left_(size) {}

  size_t read(std::span<std::byte> into) override {
    if (left_ == 0) return 0;
    if (piece_.bytes.empty() && !at_end_) {
      reading_ = true;
      const auto next = tar_.data();
      reading_ = false;
      at_end_ = !next.has_value();
      if (next) piece_ = *next;
    }
    const uint64_t hole = at_end_ ? left_ : piece_.offset - position_;
    const uint64_t available = hole != 0 ? hole : piece_.bytes.size();
    const size_t count = static_cast<size_t>(std::min<uint64_t>({into.size(), available, left_}));
    if (hole != 0) {
      std::memset(into.data(), 0, count);
    } else {
      std::memcpy(into.data(), piece_.bytes.data(), count);
      piece_ = {piece_.offset + count, piece_.bytes.subspan(count)};
    }
    position_ += count;
    left_ -= count;
    return count;
  }

  /// Whether it was the archive itself that failed, and not who read from here.
  bool broken() const { return reading_; }

 private:
  TarReader& tar_;
  uint64_t left_;
  uint64_t position_ = 0;
  TarReader::Data piece_{0, {}};
  bool at_end_ = false;
  bool reading_ = false;
};

class MemoryStream : public ByteStream {
 public:
  explicit MemoryStream(const std::string& text) : left_(std::as_bytes(std::span(text))) {}

  size_t read(std::span<std::byte> into) override {
    const size_t count = std::min(into.size(), left_.size());
    if (count != 0) std::memcpy(into.data(), left_.data(), count);
    left_ = left_.subspan(count);
    return count;
  }

 private:
  std::span<const std::byte> left_;
};

bool may_be_document(std::span<const std::byte> first, uint64_t size) {
  return size <= max_json_size && !first.empty() &&
         (first[0] == std::byte{'{'} || first[0] == std::byte{'['});
}

class StreamedArchive : public Archive {
 public:
  StreamedArchive(ByteStream& bytes, const std::string& name, LayerPlace& place)
      : Archive(name), place_(place) {
    TarReader tar(bytes, name);
    while (const auto entry = tar.next()) {
      const auto member = members_.add(*entry);
      if (member && entry->type == EntryType::file) take(*member, entry->size, tar);
    }
    tar.drain();
  }

  ReadLayer read_layer(const std::string& member, bool unpack) override {
    const auto regular = members_.resolve(member);
    if (!regular) refuse_missing(member);
    if (const auto kept = kept_.find(*regular); kept != kept_.end()) {
      MemoryStream bytes(kept->second);
      return unpack_member(bytes, printable(member), unpack, place_);
    }
    const auto staged = staged_.find(*regular);
    if (staged == staged_.end()) {
      throw ImageError(
          cat(name(), ": ", printable(member), " is named as a layer, but is no tar archive"));
    }
    const ReadLayer& layer = staged->second.layer.get();
    if (!unpack) return {layer.found, ""};
    if (!staged->second.is_taken) {
      staged->second.is_taken = true;
      return layer;
    }
    return {layer.found, place_.copy(layer.dir)};
  }

  uint64_t cost(const std::vector<std::string>&) const override { return 0; }
  std::vector<std::string> names() const override { return members_.names(); }

 protected:
  std::optional<std::string> content(const std::string& member) const override {
    const auto regular = members_.resolve(member);
    if (!regular) return std::nullopt;
    const auto kept = kept_.find(*regular);
    if (kept == kept_.end()) {
      throw ImageError(cat(name(), ": ", printable(member), " is no JSON document of at most ",
                           human_size(max_json_size)));
    }
    return kept->second;
  }

 private:
  struct Staged {
    std::shared_future<ReadLayer> layer;
    bool is_taken = false;
  };

  void take(const std::string& member, uint64_t size, TarReader& tar) {
    forget(member);
    MemberStream bytes(tar, size);
    if (size <= small_member) return keep(member, size, bytes);
    PeekedStream peeked(bytes, 512);
    if (may_be_document(peeked.first(), size)) return keep(member, size, peeked);
    if (sniff(peeked.first()) == Compression::none && !looks_like_tar(peeked.first())) return;
    unpack_now(member, bytes, peeked);
  }

  /// Drops the first member if a second one of the same name comes.
  void forget(const std::string& member) {
    kept_.erase(member);
    const auto staged = staged_.find(member);
    if (staged == staged_.end()) return;
    staged_.erase(staged);
  }

  void keep(const std::string& member, uint64_t size, ByteStream& bytes) {
    kept_size_ += size;
    if (kept_size_ > max_kept || kept_.size() == max_kept_members) {
      // A root file system has thousands of small files and no manifest: say so rather than count
      // them.
      if (!kept_.contains("manifest.json") && !kept_.contains("index.json")) refuse_no_image(*this);
      throw ImageError(cat(name(), " has too many small members to be an image: more than ",
                           max_kept_members, " or ", human_size(max_kept)));
    }
    kept_[member] = read_whole(bytes, size);
  }

  void unpack_now(const std::string& member, const MemberStream& source, ByteStream& bytes) {
    auto layer = std::async(std::launch::deferred, [&] {
                   return unpack_member(bytes, printable(member), true, place_);
                 }).share();
    layer.wait();
    if (source.broken()) layer.get();
    staged_[member] = {std::move(layer), false};
  }

  LayerPlace& place_;
  Members members_;
  std::map<std::string, std::string> kept_;
  uint64_t kept_size_ = 0;
  std::map<std::string, Staged> staged_;
};

}  // namespace

std::unique_ptr<Archive> read_stream(ByteStream& tar, const std::string& name, LayerPlace& place) {
  return std::make_unique<StreamedArchive>(tar, name, place);
}

}  // namespace minirun::image
