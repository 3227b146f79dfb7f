#include "tests/forge/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>

#include "runner/base/error.h"

namespace minirun::forge {
namespace {

std::string little_endian32(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xff);
  return bytes;
}

/// Blocks that end on a byte and that nothing after them refers to.
std::string deflate_apart(std::string_view part) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw Error("zlib has no memory");
  }
  std::string packed(deflateBound(&stream, part.size()) + 64, '\0');
  std::string input(part);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FULL_FLUSH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

ssize_t append(::archive*, void* into, const void* bytes, size_t size) {
  static_cast<std::string*>(into)->append(static_cast<const char*>(bytes), size);
  return static_cast<ssize_t>(size);
}

void ok(int result, ::archive* archive) {
  if (result != ARCHIVE_OK) throw Error(cat("libarchive: ", archive_error_string(archive)));
}

struct FreeArchive {
  void operator()(::archive* archive) const { archive_write_free(archive); }
};

/// xz and bzip2 through libarchive, whose "raw" format is the stream alone.
std::string pack_by_libarchive(std::string_view bytes, Packing packing) {
  std::string packed;
  const std::unique_ptr<::archive, FreeArchive> archive(archive_write_new());
  const std::unique_ptr<::archive_entry, void (*)(::archive_entry*)> entry(archive_entry_new(),
                                                                           archive_entry_free);
  ok(archive_write_set_format_raw(archive.get()), archive.get());
  ok(packing == Packing::xz ? archive_write_add_filter_xz(archive.get())
                            : archive_write_add_filter_bzip2(archive.get()),
     archive.get());
  ok(archive_write_set_filter_option(archive.get(), nullptr, "compression-level", "1"),
     archive.get());
  archive_write_set_bytes_per_block(archive.get(), 0);  // else the end is padded
  ok(archive_write_open(archive.get(), &packed, nullptr, append, nullptr), archive.get());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  ok(archive_write_header(archive.get(), entry.get()), archive.get());
  if (archive_write_data(archive.get(), bytes.data(), bytes.size()) < 0) {
    throw Error(cat("libarchive: ", archive_error_string(archive.get())));
  }
  ok(archive_write_close(archive.get()), archive.get());
  return packed;
}

std::string pack_zstd(std::string_view bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                   ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  const size_t size =
      ZSTD_compress2(context.get(), packed.data(), packed.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) throw Error(cat("zstd: ", ZSTD_getErrorName(size)));
  packed.resize(size);
  return packed;
}

}  // namespace

std::string pack(std::string_view bytes, Packing packing) {
  switch (packing) {
    case Packing::none:
      return std::string(bytes);
    case Packing::gzip:
      return GzipStream().add(bytes).finish();
    case Packing::zstd:
      return pack_zstd(bytes);
    case Packing::bzip2:
    case Packing::xz:
      return pack_by_libarchive(bytes, packing);
  }
  throw Error("no such packing");
}

GzipStream& GzipStream::add(std::string_view part, uint64_t times) {
  const std::string packed = deflate_apart(part);
  const auto bytes = reinterpret_cast<const Bytef*>(part.data());
  const unsigned long crc = crc32_z(0, bytes, part.size());
  for (uint64_t i = 0; i < times; ++i) {
    deflated_ += packed;
    crc_ = crc32_combine(crc_, crc, static_cast<z_off_t>(part.size()));
  }
  size_ += times * part.size();
  return *this;
}

GzipStream& GzipStream::zeros(uint64_t size) {
  constexpr uint64_t chunk = 1 << 20;
  add(std::string(chunk, '\0'), size / chunk);
  return add(std::string(size % chunk, '\0'));
}

std::string GzipStream::finish() {
  const std::string header("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
  const std::string last_block("\x03\0", 2);  // final, fixed Huffman codes, empty
  return header + deflated_ + last_block + little_endian32(crc_) + little_endian32(size_);
}

}  // namespace minirun::forge
