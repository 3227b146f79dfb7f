#include "image/layer/unpack.h"

#include <future>
#include <optional>

#include "image/stream/decompress.h"
#include "image/stream/ring.h"
#include "image/tar/tar.h"
#include "runner/base/error.h"

namespace minirun::image {
namespace {

constexpr size_t hasher = 0;
constexpr size_t writer = 1;

/// Passes bytes on, counted and hashed.
class HashingStream : public ByteStream {
 public:
  explicit HashingStream(ByteStream& source) : source_(source) {}
  size_t read(std::span<std::byte> into) override {
    const size_t got = source_.read(into);
    hash_.update(into.first(got));
    size_ += got;
    return got;
  }
  Digest finish() { return hash_.finish(); }
  uint64_t size() const { return size_; }

 private:
  ByteStream& source_;
  Sha256 hash_;
  uint64_t size_ = 0;
};

struct Hashed {
  Digest digest;
  uint64_t size = 0;
};

Hashed hash_all(Ring& ring) {
  Sha256 hash;
  uint64_t size = 0;
  for (auto block = ring.next(hasher); !block.empty(); block = ring.next(hasher)) {
    hash.update(block);
    size += block.size();
  }
  return {hash.finish(), size};
}

LayerStats write_all(Ring& ring, LayerSink& layer, const std::string& name) {
  StopsRing on_error(ring);
  RingStream bytes(ring, writer);
  TarReader tar(bytes, name);
  while (const auto entry = tar.next()) layer.write(*entry, tar);
  tar.drain();
  LayerStats stats = layer.finish();
  on_error.dismiss();
  return stats;
}

/// A layer's bytes are a tar archive; a file that was packed twice is somebody's mistake or trick.
void refuse_packed_twice(Compression outer, std::span<const std::byte> first,
                         const std::string& name) {
  const Compression inner = sniff(first);
  if (outer == Compression::none || inner == Compression::none) return;
  throw ImageError(cat(name, " is a ", name_of(inner), " inside a ", name_of(outer)),
                   "a layer is a tar archive, compressed once; save the image again");
}

}  // namespace

UnpackedLayer unpack_layer(ByteStream& member, LayerSink* sink, const std::string& name) {
  PeekedStream packed(member, magic_length);
  const Compression compression = sniff(packed.first());
  std::optional<HashingStream>
      hashed;  // of a member that isn't compressed the hasher's digest is the blob's too
  if (compression != Compression::none) hashed.emplace(packed);
  const auto unpacked =
      decompress(compression, hashed ? static_cast<ByteStream&>(*hashed) : packed, name);
  PeekedStream tar(*unpacked, magic_length);
  refuse_packed_twice(compression, tar.first(), name);

  const bool writes = sink != nullptr;
  Ring ring(writes ? 2 : 1);
  // What fits in one block isn't worth a thread: then the two below run when they are asked for
  // their results.
  bool more = ring.fill(tar);
  const auto how = more ? std::launch::async : std::launch::deferred;
  auto digest = std::async(how, hash_all, std::ref(ring));
  std::future<LayerStats> written;
  StopsRing on_error(
      ring);  // destroyed before the futures, whose destructors wait for their threads
  if (writes) {
    written = std::async(how, write_all, std::ref(ring), std::ref(*sink), std::cref(name));
  }
  while (more) more = ring.fill(tar);
  UnpackedLayer layer;
  if (writes) layer.stats = written.get();
  const Hashed diff_hash = digest.get();
  on_error.dismiss();
  layer.diff_id = diff_hash.digest;
  layer.diff_size = diff_hash.size;
  layer.blob = hashed ? hashed->finish() : layer.diff_id;
  layer.blob_size = hashed ? hashed->size() : layer.diff_size;
  return layer;
}

}  // namespace minirun::image
