#include "image/archive/archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>

#include "image/archive/no_image.h"
#include "image/document/json.h"
#include "image/stream/decompress.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr size_t block = 512;
constexpr size_t beginning = 4096;  // enough to tell what a file is

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Whether each LF of the file's beginning stands behind a CR: what is left of a binary file after
/// a transfer that took it for text.
bool has_changed_line_ends(int fd) {
  std::string bytes(1 << 20, '\0');
  const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;  // a pipe
  bytes.resize(static_cast<size_t>(got));
  size_t line_ends = 0;
  for (size_t i = bytes.find('\n'); i != std::string::npos; i = bytes.find('\n', i + 1)) {
    if (i == 0 || bytes[i - 1] != '\r') return false;
    ++line_ends;
  }
  return line_ends != 0;
}

/// What `open` returns. If it fails on a file whose line ends were changed, that is why.
template <typename Open>
std::unique_ptr<Archive> open_binary(int fd, const std::string& name, const Open& open) {
  try {
    return open();
  } catch (const ImageError& error) {
    if (!has_changed_line_ends(fd)) throw;
    throw ImageError(cat(name, " was changed as if it were text: each line end in it is CR LF (",
                         error.what(), ")"),
                     "copy it again in binary mode (ftp: binary; git: *.tar binary in "
                     ".gitattributes; PowerShell: docker save -o FILE.tar, not >)");
  }
}

std::unique_ptr<Archive> open_stream(int fd, const std::string& name, LayerPlace& place,
                                     Progress& progress) {
  FileStream file(fd, name);
  CountedStream counted(file, progress);
  PeekedStream packed(counted, beginning);
  if (packed.first().empty()) throw ImageError(cat(name, " is empty"), "save the image again");
  const Compression outer = sniff(packed.first());
  const auto plain = decompress(outer, packed, name);
  PeekedStream tar(*plain, beginning);
  const Compression inner = sniff(tar.first());
  if (inner != Compression::none) {
    throw ImageError(cat(name, " is ", name_of(inner), " inside ", name_of(outer)),
                     "unpack it once and try again");
  }
  if (!looks_like_tar(tar.first()))
    refuse_no_tar(name, outer == Compression::none ? "" : name_of(outer), as_text(tar.first()));
  return read_stream(tar, name, place);
}

std::unique_ptr<Archive> open_file(UniqueFd file, uint64_t size, const std::string& name,
                                   LayerPlace& place, Progress& progress) {
  if (size == 0) throw ImageError(cat(name, " is empty"), "save the image again");
  FileStream start(file.get(), name, 0, std::min<uint64_t>(size, beginning));
  PeekedStream peeked(start, beginning);
  if (sniff(peeked.first()) != Compression::none) {
    progress.expect(size);
    return open_stream(file.get(), name, place, progress);
  }
  if (!looks_like_tar(peeked.first())) refuse_no_tar(name, "", as_text(peeked.first()));
  return list_tar(std::move(file), size, name, place, progress);
}

}  // namespace

bool looks_like_tar(std::span<const std::byte> first) {
  if (first.size() < block) return false;
  const std::string_view text = as_text(first);
  if (text.substr(257, 5) == "ustar") return true;
  // The checksum field counts as eight spaces (pax(1), "ustar Interchange Format"); all zeros are
  // an empty archive.
  constexpr uint64_t eight_spaces = 8ULL * ' ';
  uint64_t sum = eight_spaces;
  for (size_t i = 0; i < block; ++i) {
    if (i < 148 || i >= 156) sum += std::to_integer<uint64_t>(first[i]);
  }
  if (sum == eight_spaces) return true;
  uint64_t written = 0;
  for (const char c : text.substr(148, 8)) {
    if (c >= '0' && c <= '7') written = written * 8 + static_cast<uint64_t>(c - '0');
  }
  return written == sum;
}

std::optional<std::string> Archive::read(const BlobRef& ref) const {
  auto text = content(ref.member);
  if (!text) return std::nullopt;
  if (ref.size && *ref.size != text->size()) {
    throw ImageError(cat(printable(ref.member), " has ", text->size(),
                         " bytes; its descriptor says ", *ref.size),
                     "the archive is damaged or was changed; save the image again");
  }
  if (ref.digest) {
    const Digest found = sha256(*text);
    if (found != *ref.digest) {
      throw ImageError(
          cat(printable(ref.member), ": expected ", ref.digest->str(), ", found ", found.str()),
          "the archive is damaged or was changed; save the image again");
    }
  }
  return text;
}

void Archive::refuse_missing(const std::string& member) const {
  throw ImageError(
      cat(name_, ": the manifest names ", printable(member), ", which is not in the archive"),
      "the archive is not whole; save the image again");
}

void Archive::refuse_large(const std::string& member, uint64_t size) const {
  throw ImageError(cat(name_, ": ", printable(member), " has ", human_size(size),
                       "; a document has at most ", human_size(max_json_size)));
}

void Progress::add(uint64_t bytes) {
  done_ += bytes;
  if (!report_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - told_ < std::chrono::milliseconds(100)) return;
  told_ = now;
  report_(done_, total_);
}

void Progress::finish() const {
  if (report_ && done_ != 0) report_(done_, total_);
}

size_t CountedStream::read(std::span<std::byte> into) {
  const size_t got = source_.read(into);
  progress_.add(got);
  return got;
}

ReadLayer unpack_member(ByteStream& bytes, const std::string& member, bool unpack,
                        LayerPlace& place) {
  if (!unpack) return {unpack_layer(bytes, nullptr, member), ""};
  return place.unpack(bytes, member);
}

std::string read_whole(ByteStream& bytes, uint64_t size) {
  std::string text(size, '\0');
  size_t filled = 0;
  while (filled < text.size()) {
    const size_t got = bytes.read(std::as_writable_bytes(std::span(text).subspan(filled)));
    if (got == 0) break;
    filled += got;
  }
  text.resize(filled);
  return text;
}

namespace {

/// A device may have no end, as /dev/zero. The null device has one.
void refuse_device(int fd, const std::string& name) {
  struct stat status {};
  check(::fstat(fd, &status), "stat ", name);
  const bool is_null = S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
  if ((!S_ISCHR(status.st_mode) && !S_ISBLK(status.st_mode)) || is_null) return;
  throw ImageError(cat(name, ::isatty(fd) == 1 ? " is a terminal" : " is a device",
                       ", and an image is read from a file or a pipe"),
                   "give the file that docker save wrote, or: docker save NAME | minirun -");
}

}  // namespace

std::unique_ptr<Archive> open_archive(const std::string& path, LayerPlace& place,
                                      Progress& progress) {
  if (path == "-") {
    refuse_device(STDIN_FILENO, "standard input");
    return open_binary(STDIN_FILENO, "standard input", [&] {
      return open_stream(STDIN_FILENO, "standard input", place, progress);
    });
  }
  UniqueFd file = files::open_at(AT_FDCWD, path, O_RDONLY | O_NOCTTY);
  struct stat status {};
  check(::fstat(file.get(), &status), "stat ", path);
  const std::string name = printable(path);
  refuse_device(file.get(), name);
  if (S_ISDIR(status.st_mode)) return open_directory(std::move(file), name, place, progress);
  if (!S_ISREG(status.st_mode)) return open_stream(file.get(), name, place, progress);
  const UniqueFd again(check(::fcntl(file.get(), F_DUPFD_CLOEXEC, 0), "dup ", path));
  return open_binary(again.get(), name, [&] {
    return open_file(std::move(file), static_cast<uint64_t>(status.st_size), name, place, progress);
  });
}

}  // namespace minirun::image
