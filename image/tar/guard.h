// The guard before libarchive: reads the 512-byte blocks of a tar archive, and only refuses.
//
//     header (checksum, numbers, type) [ sparse map blocks ] [ data, padded ] ... zero block, zeros
//     to the end
//
// It refuses everything that two readers may read differently: a wrong checksum, a size on an entry
// that has no data, a second pax header for one entry, bytes after the end mark. Else one reader
// could check one file, and another could write a different one. It also refuses all that it
// doesn't know. It passes the bytes on without a change, and tells where each entry begins. If
// libarchive finds an entry at another place, the archive is refused.
//
// Sources: pax(1), "ustar Interchange Format"; tar(5), "GNU tar Archives".
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "image/stream/stream.h"
#include "image/tar/block.h"
#include "image/tar/pax.h"

namespace minirun::image {

class TarGuard : public ByteStream {
 public:
  /// `bytes` is borrowed; `name` is what messages call the archive.
  TarGuard(ByteStream& bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}
  /// Throws ImageError as soon as a byte that was read is wrong.
  size_t read(std::span<std::byte> into) override;
  /// Skips only an entry's data, which the guard doesn't check.
  uint64_t skip(uint64_t count) override;
  /// Where the next entry (with its extension headers) or the archive's end mark begins. nullopt if
  /// it was not read yet. Each place is returned once.
  std::optional<uint64_t> next_place();

 private:
  enum class Expect { header, extension, sparse_block, data, end };

  void inspect(std::string_view bytes);
  size_t inspect_some(std::string_view bytes);
  void take_collected();
  void take_header();
  void begin_extension(const TarBlock& block);
  void take_extension();
  void begin_entry(const TarBlock& block);
  uint64_t data_size(const TarBlock& block) const;
  void check_extensions_fit(const TarBlock& block) const;
  void check_owner_and_device(const TarBlock& block) const;
  void begin_old_sparse(const TarBlock& block);
  void take_sparse_block();
  void read_sparse_count(std::string_view data);
  uint64_t number(std::string_view field, std::string_view what, uint64_t max) const;
  void check_end() const;
  [[noreturn]] void fail(std::string_view what) const;

  ByteStream& bytes_;
  std::string name_;
  uint64_t offset_ = 0;  // of the next byte to inspect
  Expect expect_ = Expect::header;
  uint64_t begin_ = 0;           // of the entry whose headers are being read
  std::deque<uint64_t> places_;  // not returned by next_place() yet: as many as fit in one read
  std::string collected_;        // a block or an extension's body that is not complete yet
  uint64_t data_left_ = 0;       // of the entry's data and its padding
  uint64_t sparse_blocks_ = 0;
  std::string sparse_count_;  // the first line of the data of a sparse file, until its newline
  bool wants_sparse_count_ = false;
  char extension_type_ = 0;  // 'x', 'g', 'L' or 'K'
  uint64_t extension_size_ = 0;

  /// What the extension headers before an entry said.
  struct Pending {
    bool long_name = false;
    bool long_link = false;
    bool pax = false;
    PaxFacts facts;
    bool any() const { return long_name || long_link || pax; }
  };
  Pending pending_;
  int extensions_ = 0;  // one after another
};

}  // namespace minirun::image
