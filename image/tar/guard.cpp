#include "image/tar/guard.h"

#include <algorithm>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr uint64_t max_extension = 1 << 20;
constexpr size_t extents_in_block = 21;

uint64_t padded(uint64_t size) {
  return (size + tar_block_size - 1) / tar_block_size * tar_block_size;
}

}  // namespace

void TarGuard::fail(std::string_view what) const {
  throw ImageError(cat(name_, ": ", what, " (at byte ", offset_, " of the tar archive)"),
                   "the layer is damaged, or was made to deceive; save the image again");
}

size_t TarGuard::read(std::span<std::byte> into) {
  const size_t got = bytes_.read(into);
  if (got == 0) {
    check_end();
  } else {
    inspect({reinterpret_cast<const char*>(into.data()), got});
  }
  return got;
}

uint64_t TarGuard::skip(uint64_t count) {
  if (expect_ != Expect::data || wants_sparse_count_) return 0;
  const uint64_t skipped = bytes_.skip(std::min(count, data_left_));
  offset_ += skipped;
  data_left_ -= skipped;
  if (data_left_ == 0) expect_ = Expect::header;
  return skipped;
}

std::optional<uint64_t> TarGuard::next_place() {
  if (places_.empty()) return std::nullopt;
  const uint64_t place = places_.front();
  places_.pop_front();
  return place;
}

/// Some tars leave the end mark out; then the archive ends where a header would begin.
void TarGuard::check_end() const {
  if (expect_ == Expect::end) return;
  if (expect_ != Expect::header || !collected_.empty() || pending_.any()) {
    fail("the tar archive is cut off");
  }
}

void TarGuard::inspect(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t used = inspect_some(bytes);
    offset_ += used;
    bytes.remove_prefix(used);
    if (expect_ == Expect::data && data_left_ == 0) expect_ = Expect::header;
  }
}

/// Inspects the front of `bytes`; returns how much of it.
size_t TarGuard::inspect_some(std::string_view bytes) {
  if (expect_ == Expect::end) {
    if (!all_zero(bytes)) fail("there is data after the archive's end");
    return bytes.size();
  }
  if (expect_ == Expect::data) {
    const size_t used = std::min<uint64_t>(data_left_, bytes.size());
    if (wants_sparse_count_) read_sparse_count(bytes.substr(0, used));
    data_left_ -= used;
    return used;
  }
  const bool begins = expect_ == Expect::header && collected_.empty();
  if (begins && extensions_ == 0) begin_ = offset_;
  const size_t wanted = expect_ == Expect::extension ? padded(extension_size_) : tar_block_size;
  const size_t used = std::min(wanted - collected_.size(), bytes.size());
  collected_.append(bytes.substr(0, used));
  if (collected_.size() == wanted) take_collected();
  return used;
}

void TarGuard::take_collected() {
  if (expect_ == Expect::header) {
    take_header();
  } else if (expect_ == Expect::extension) {
    take_extension();
  } else {
    take_sparse_block();
  }
  collected_.clear();
}

void TarGuard::take_header() {
  const TarBlock block(collected_);
  if (all_zero(collected_)) {
    if (pending_.any()) fail("an extension header is followed by no entry");
    expect_ = Expect::end;
    places_.push_back(begin_);
    return;
  }
  if (!block.checksum_is_right()) {
    fail(offset_ < tar_block_size ? "this is not a tar archive" : "a header's checksum is wrong");
  }
  if (block.format() == TarFormat::unknown) fail("an entry is in an unknown format");
  if (std::string_view("xgLK").find(block.type()) != std::string_view::npos) {
    begin_extension(block);
  } else {
    begin_entry(block);
  }
}

uint64_t TarGuard::number(std::string_view field, std::string_view what, uint64_t max) const {
  const auto value = parse_tar_number(field);
  if (!value || *value > max) fail(cat("an entry's ", what, " is not a number from 0 to ", max));
  return *value;
}

void TarGuard::begin_extension(const TarBlock& block) {
  extension_type_ = block.type();
  const bool again = (extension_type_ == 'x' && pending_.pax) ||
                     (extension_type_ == 'L' && pending_.long_name) ||
                     (extension_type_ == 'K' && pending_.long_link);
  const bool mixed = extension_type_ == 'x' ? pending_.any() : pending_.pax;
  if (again || mixed || (extension_type_ == 'g' && pending_.any())) {
    fail("an entry has extension headers that contradict each other");
  }
  if (++extensions_ > 16) fail("there are too many extension headers in a row");
  extension_size_ = number(block.size(), "size", max_tar_size);
  if (extension_size_ > max_extension) fail("an extension header is longer than 1 MiB");
  if (extension_size_ == 0) fail("an extension header is empty");
  expect_ = Expect::extension;
}

void TarGuard::take_extension() {
  expect_ = Expect::header;
  std::string_view body = std::string_view(collected_).substr(0, extension_size_);
  const std::string where = cat(name_, ": the pax header at byte ", offset_);
  if (extension_type_ == 'g') {
    check_pax(body, true, where);
  } else if (extension_type_ == 'x') {
    pending_.pax = true;
    pending_.facts = check_pax(body, false, where);
  } else {
    (extension_type_ == 'L' ? pending_.long_name : pending_.long_link) = true;
    body = body.substr(0, body.find_last_not_of('\0') + 1);
    if (body.empty()) fail("a long name is empty");
    if (body.find('\0') != std::string_view::npos) fail("a long name has a NUL in it");
  }
}

void TarGuard::begin_entry(const TarBlock& block) {
  extensions_ = 0;
  places_.push_back(begin_);
  const uint64_t size = data_size(block);
  check_extensions_fit(block);
  check_owner_and_device(block);
  const bool named = pending_.long_name || pending_.facts.path;
  if (!named && !block.has_name()) fail("an entry has no name");
  data_left_ = padded(size);
  wants_sparse_count_ = pending_.facts.sparse_in_data;
  sparse_count_.clear();
  expect_ = Expect::data;
  if (block.format() == TarFormat::gnu) begin_old_sparse(block);
  pending_ = {};
}

/// How many bytes follow. Readers differ in what a size means on an entry that has no data, so
/// there it must be 0.
uint64_t TarGuard::data_size(const TarBlock& block) const {
  const uint64_t size = number(block.size(), "size", max_tar_size);
  const uint64_t effective = pending_.facts.size.value_or(size);
  const char type = block.type();
  if (type == '\0' || type == '0' || type == '7' || type == 'S') return effective;
  // Only pax lets a hard link carry its file's data (pax(1), "typeflag").
  if (type == '1' && pending_.pax && block.format() == TarFormat::ustar) return effective;
  if (type < '1' || type > '6') {
    fail(cat("an entry is of the unknown type \"", printable(std::string(1, type)), "\""));
  }
  if (size != 0 || effective != 0) fail("an entry that has no data says a size");
  return 0;
}

void TarGuard::check_extensions_fit(const TarBlock& block) const {
  const char type = block.type();
  if ((pending_.long_link || pending_.facts.linkpath) && type != '1' && type != '2') {
    fail("an entry that is no link has a link target");
  }
  if (pending_.facts.sparse && type != '0' && type != '\0') {
    fail("an entry that is no file is sparse");
  }
  if (type == 'S' && (pending_.pax || block.format() != TarFormat::gnu)) {
    fail("a sparse file is in an unknown format");
  }
}

void TarGuard::check_owner_and_device(const TarBlock& block) const {
  number(block.uid(), "uid", max_tar_id);
  number(block.gid(), "gid", max_tar_id);
  const bool device = block.type() == '3' || block.type() == '4';
  if (device && block.format() != TarFormat::v7) {
    number(block.major(), "device number", UINT32_MAX);
    number(block.minor(), "device number", UINT32_MAX);
  }
}

/// libarchive looks at a GNU header's sparse map whatever the entry's type is.
void TarGuard::begin_old_sparse(const TarBlock& block) {
  if (block.type() != 'S') {
    if (!all_zero(block.gnu_sparse())) fail("an entry that is no sparse file has a sparse map");
    return;
  }
  number(block.gnu_real_size(), "size", max_tar_size);
  sparse_blocks_ = 0;
  if (!block.gnu_sparse_goes_on()) return;
  if (block.gnu_sparse().front() == 0) fail("a sparse map begins with a gap");
  expect_ = Expect::sparse_block;
}

void TarGuard::take_sparse_block() {
  if (++sparse_blocks_ > max_sparse_extents / extents_in_block) fail("a sparse map is too long");
  const bool goes_on = collected_[tar_block_size - 8] != 0;
  if (!goes_on) expect_ = Expect::data;
}

/// GNU sparse 1.0 begins its data with the number of extents; libarchive keeps them all in memory.
void TarGuard::read_sparse_count(std::string_view data) {
  const size_t newline = data.find('\n');
  sparse_count_ += data.substr(0, newline);
  if (newline != std::string_view::npos) wants_sparse_count_ = false;
  const bool whole = !wants_sparse_count_;
  if (sparse_count_.size() > 20 || (whole && !parse_number(sparse_count_, max_sparse_extents))) {
    fail("a sparse map is too long or damaged");
  }
}

}  // namespace minirun::image
