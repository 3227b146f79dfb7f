#include "image/tar/tar.h"

#include <algorithm>
#include <exception>

#include "image/tar/entry.h"
#include "image/tar/guard.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr size_t buffer_size = 128 << 10;
/// ARCHIVE_ERRNO_FILE_FORMAT of libarchive's private archive_platform.h, on Linux.
constexpr int errno_file_format = EILSEQ;

/// libarchive's words, which are missing for some errors.
std::string words_of(::archive* archive) {
  const char* words = ::archive_error_string(archive);
  return words == nullptr ? "it is damaged" : printable(words);
}

/// How many bytes of content the archive must have for a file: all, or the extents of a sparse one.
uint64_t stored_size(::archive_entry* entry, uint64_t size) {
  if (::archive_entry_sparse_reset(entry) == 0) return size;
  uint64_t stored = 0;
  int64_t offset = 0;
  int64_t length = 0;
  while (::archive_entry_sparse_next(entry, &offset, &length) == ARCHIVE_OK) {
    stored += static_cast<uint64_t>(length);
  }
  return stored;
}

}  // namespace

struct TarReader::Source {
  Source(ByteStream& bytes, const std::string& name) : guard(bytes, name), buffer(buffer_size) {}

  TarGuard guard;
  std::vector<std::byte> buffer;
  std::exception_ptr error;
  uint64_t content_left = 0;  // of the current entry, as stored
  std::string entry_name;     // for messages

  static la_ssize_t read(::archive* archive, void* data, const void** bytes) {
    auto& source = *static_cast<Source*>(data);
    // The one catch outside main, run and gc: libarchive is C, and an exception must not unwind
    // through its frames. It is kept and thrown again as soon as libarchive has returned.
    try {
      *bytes = source.buffer.data();
      return static_cast<la_ssize_t>(source.guard.read(source.buffer));
    } catch (...) {
      source.error = std::current_exception();
      ::archive_set_error(archive, EIO, "the archive cannot be read");
      return ARCHIVE_FATAL;
    }
  }

  /// libarchive asks for this where it has no use for an entry's data.
  static la_int64_t skip(::archive*, void* data, la_int64_t count) {
    if (count <= 0) return 0;
    return static_cast<la_int64_t>(
        static_cast<Source*>(data)->guard.skip(static_cast<uint64_t>(count)));
  }

  void rethrow() const {
    if (error) std::rethrow_exception(error);
  }
};

TarReader::TarReader(ByteStream& bytes, std::string name)
    : source_(std::make_unique<Source>(bytes, name)), name_(std::move(name)) {}

TarReader::~TarReader() { ::archive_read_free(archive_); }

namespace {

[[noreturn]] void refuse_ambiguous(const std::string& name) {
  throw ImageError(cat(name, ": two readers of this tar archive would see different entries"),
                   "the layer was made to deceive; do not trust this image");
}

void check_archive(int code, ::archive* archive, const std::string& name) {
  if (code == ARCHIVE_OK) return;
  // The one warning that is harmless: a name that is not in the locale's characters comes out byte
  // for byte.
  if (code == ARCHIVE_WARN && ::archive_errno(archive) == errno_file_format) return;
  throw ImageError(cat(name, ": the tar archive cannot be read: ", words_of(archive)),
                   "the layer is damaged or not a tar archive; save the image again");
}

}  // namespace

std::optional<TarEntry> TarReader::next() {
  if (archive_ == nullptr) {
    archive_ = ::archive_read_new();
    if (archive_ == nullptr) throw Error("libarchive cannot be started", "memory may be short");
    ::archive_read_support_format_tar(archive_);
    ::archive_read_support_format_empty(archive_);  // a layer of 0 bytes is one without files
    const int opened = ::archive_read_open2(archive_, source_.get(), nullptr, &Source::read,
                                            &Source::skip, nullptr);
    source_->rethrow();
    check_archive(opened, archive_, name_);
  }
  ::archive_entry* entry = nullptr;
  const int code = ::archive_read_next_header(archive_, &entry);
  source_->rethrow();
  const bool at_end = code == ARCHIVE_EOF;
  if (!at_end) check_archive(code, archive_, name_);
  // libarchive and the guard may understand a header differently. As long as each entry begins
  // where the guard saw it begin, what was checked is what is read.
  const auto place = source_->guard.next_place();
  const auto position = static_cast<uint64_t>(::archive_read_header_position(archive_));
  if (place ? *place != position : !at_end) refuse_ambiguous(name_);
  if (at_end) return std::nullopt;
  TarEntry taken = take_entry(entry, name_);
  source_->entry_name = cat(name_, ": ", printable(taken.path.substr(0, 200)));
  const int64_t size = ::archive_entry_size(entry);
  source_->content_left = stored_size(entry, static_cast<uint64_t>(size));
  return taken;
}

std::optional<TarReader::Data> TarReader::data() {
  for (;;) {
    const void* bytes = nullptr;
    size_t size = 0;
    int64_t offset = 0;
    const int code = ::archive_read_data_block(archive_, &bytes, &size, &offset);
    source_->rethrow();
    if (code == ARCHIVE_EOF) {
      if (source_->content_left == 0) return std::nullopt;
      throw ImageError(cat(source_->entry_name, " has less content than it says"),
                       "the layer is damaged; save the image again");
    }
    check_archive(code, archive_, source_->entry_name);
    if (size == 0) continue;
    if (offset < 0 || size > source_->content_left) {
      throw ImageError(cat(source_->entry_name, " has more content than it says"),
                       "the layer is damaged; save the image again");
    }
    source_->content_left -= size;
    return Data{static_cast<uint64_t>(offset), {static_cast<const std::byte*>(bytes), size}};
  }
}

uint64_t TarReader::data_offset() const {
  return static_cast<uint64_t>(::archive_filter_bytes(archive_, -1));
}

void TarReader::drain() {
  while (source_->guard.read(source_->buffer) != 0) {
    // The guard has found an entry that libarchive doesn't read: another reader may read it.
    if (source_->guard.next_place()) refuse_ambiguous(name_);
  }
}

}  // namespace minirun::image
