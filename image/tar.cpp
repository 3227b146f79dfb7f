#include "image/tar.h"

#include <algorithm>
#include <exception>

#include "image/tar_guard.h"
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

uint32_t id_of(int64_t id, const std::string& where, std::string_view what) {
  if (id < 0 || static_cast<uint64_t>(id) > max_tar_id) {
    throw ImageError(cat(where, " has the ", what, " ", id, ", which no process can have"),
                     "rebuild the image with owners from 0 to 4294967294");
  }
  return static_cast<uint32_t>(id);
}

EntryType type_of(::archive_entry* entry, const std::string& where) {
  if (::archive_entry_hardlink(entry) != nullptr) return EntryType::hardlink;
  switch (::archive_entry_filetype(entry)) {
    case AE_IFREG:
      return EntryType::file;
    case AE_IFDIR:
      return EntryType::directory;
    case AE_IFLNK:
      return EntryType::symlink;
    case AE_IFCHR:
      return EntryType::char_device;
    case AE_IFBLK:
      return EntryType::block_device;
    case AE_IFIFO:
      return EntryType::fifo;
    default:
      throw ImageError(cat(where, " is of a type that a layer cannot hold"),
                       "a layer holds files, directories, links, devices and FIFOs");
  }
}

std::string target_of(::archive_entry* entry, EntryType type, const std::string& where) {
  if (type != EntryType::symlink && type != EntryType::hardlink) return {};
  const char* target =
      type == EntryType::symlink ? ::archive_entry_symlink(entry) : ::archive_entry_hardlink(entry);
  if (target == nullptr || *target == 0) {
    throw ImageError(cat(where, " is a link without a target"), "save the image again");
  }
  return target;
}

void take_time(::archive_entry* entry, TarEntry& taken) {
  int64_t seconds = ::archive_entry_mtime(entry);
  long nanoseconds = std::clamp(::archive_entry_mtime_nsec(entry), 0L, 999'999'999L);
  // "-1.25" is a second and a quarter before 1970 (pax(1), "pax Extended Header File Times"); libarchive reads -1 and
  // a quarter after it.
  if (seconds < 0 && nanoseconds > 0 && seconds != INT64_MIN) {
    seconds -= 1;
    nanoseconds = 1'000'000'000 - nanoseconds;
  }
  taken.mtime_seconds = seconds;
  taken.mtime_nanoseconds = static_cast<uint32_t>(nanoseconds);
}

void take_device(::archive_entry* entry, const std::string& where, TarEntry& taken) {
  const auto major = static_cast<uint64_t>(::archive_entry_rdevmajor(entry));
  const auto minor = static_cast<uint64_t>(::archive_entry_rdevminor(entry));
  if (major > UINT32_MAX || minor > UINT32_MAX) {
    throw ImageError(cat(where, " has a device number that no device has"), "save the image again");
  }
  taken.device_major = static_cast<uint32_t>(major);
  taken.device_minor = static_cast<uint32_t>(minor);
}

void take_xattrs(::archive_entry* entry, TarEntry& taken) {
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  ::archive_entry_xattr_reset(entry);
  while (::archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
    taken.xattrs.emplace_back(name == nullptr ? "" : name,
                              std::string(static_cast<const char*>(value), size));
  }
}

bool has_acl_or_flags(::archive_entry* entry) {
  return ::archive_entry_fflags_text(entry) != nullptr || ::archive_entry_acl_types(entry) != 0;
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
  if (code == ARCHIVE_EOF) return std::nullopt;
  check_archive(code, archive_, name_);
  const char* path = ::archive_entry_pathname(entry);
  if (path == nullptr || *path == 0) {
    throw ImageError(cat(name_, ": an entry has no name"), "save the image again");
  }
  TarEntry taken;
  taken.path = path;
  source_->entry_name = cat(name_, ": ", printable(taken.path.substr(0, 200)));
  const std::string& where = source_->entry_name;
  taken.type = type_of(entry, where);
  taken.target = target_of(entry, taken.type, where);
  taken.mode = ::archive_entry_perm(entry) & 07777;
  taken.uid = id_of(::archive_entry_uid(entry), where, "uid");
  taken.gid = id_of(::archive_entry_gid(entry), where, "gid");
  const int64_t size = ::archive_entry_size(entry);
  if (size < 0 || static_cast<uint64_t>(size) > max_tar_size) {
    throw ImageError(cat(where, " has the impossible size ", size), "save the image again");
  }
  if (taken.type == EntryType::file) taken.size = static_cast<uint64_t>(size);
  take_time(entry, taken);
  take_device(entry, where, taken);
  take_xattrs(entry, taken);
  taken.has_acl_or_flags = has_acl_or_flags(entry);
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
  }
}

}  // namespace minirun::image
