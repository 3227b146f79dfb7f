// Archives with random access: a directory, and a tar file that is not compressed.
#include <linux/openat2.h>

#include "image/archive/archive.h"
#include "image/document/json.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr size_t max_members = 100'000;

/// `path` seen from the directory `from`; nothing for what leads out. "/x" is "x" at the top.
std::optional<std::string> clean(std::string_view from, std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view base : {from, path}) {
    for (const std::string_view part : split(base, '/')) {
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        kept.push_back(part);
      } else if (kept.empty()) {
        return std::nullopt;
      } else {
        kept.pop_back();
      }
    }
  }
  std::string name;
  for (const std::string_view part : kept) name += cat(name.empty() ? "" : "/", part);
  return name;
}

std::string_view directory_of(std::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? "" : name.substr(0, slash);
}

/// Where a member's bytes lie. A descriptor of its own only in a directory.
struct Extent {
  UniqueFd own;
  int fd = -1;
  uint64_t offset = 0;
  uint64_t size = 0;
};

class SeekableArchive : public Archive {
 public:
  ReadLayer read_layer(const std::string& member, bool unpack) override {
    const auto extent = open(member);
    if (!extent) refuse_missing(member);
    FileStream file(extent->fd, member, extent->offset, extent->size);
    CountedStream counted(file, progress_);
    return unpack_member(counted, printable(member), unpack, place_);
  }

  uint64_t cost(const std::vector<std::string>& members) const override {
    uint64_t bytes = 0;
    for (const std::string& member : members) {
      if (const auto extent = open(member)) bytes += extent->size;
    }
    return bytes;
  }

 protected:
  SeekableArchive(std::string name, LayerPlace& place, Progress& progress)
      : Archive(std::move(name)), place_(place), progress_(progress) {}

  virtual std::optional<Extent> open(const std::string& member) const = 0;

  std::optional<std::string> content(const std::string& member) const override {
    const auto extent = open(member);
    if (!extent) return std::nullopt;
    if (extent->size > max_json_size) refuse_large(member, extent->size);
    FileStream file(extent->fd, member, extent->offset, extent->size);
    return read_whole(file, extent->size);
  }

 private:
  LayerPlace& place_;
  Progress& progress_;
};

class Directory : public SeekableArchive {
 public:
  Directory(UniqueFd dir, std::string name, LayerPlace& place, Progress& progress)
      : SeekableArchive(std::move(name), place, progress), dir_(std::move(dir)) {}

  std::vector<std::string> names() const override { return files::list_dir(dir_.get(), "."); }
  bool is_directory() const override { return true; }
  std::vector<std::string> calls(const std::string& member) const override {
    return {call("openat2", unknown("archive"), c_string(member), "{...}", sizeof(open_how)),
            call("pread64", unknown("file"), unknown("bytes"), unknown("how many"), 0)};
  }

 protected:
  std::optional<Extent> open(const std::string& member) const override {
    // O_NONBLOCK: a FIFO must not stop us. RESOLVE_IN_ROOT: a symlink may be there, and leads
    // nowhere else.
    Extent extent;
    extent.own =
        UniqueFd(files::try_open_in_root(dir_.get(), member, O_RDONLY | O_NONBLOCK | O_NOCTTY));
    if (!extent.own) {
      const int error = errno;
      refuse_dangling(member);
      if (error == ENOENT || error == ENOTDIR) return std::nullopt;
      throw SysError(error, cat("open ", name(), "/", printable(member)));
    }
    struct stat status {};
    check(::fstat(extent.own.get(), &status), "stat ", member);
    if (!S_ISREG(status.st_mode)) {
      throw ImageError(cat(name(), ": ", printable(member), " is not a regular file"));
    }
    extent.fd = extent.own.get();
    extent.size = static_cast<uint64_t>(status.st_size);
    return extent;
  }

 private:
  /// "Not in the archive" would be said of a name that anybody can see there.
  void refuse_dangling(const std::string& member) const {
    for (size_t end = member.find('/');; end = member.find('/', end + 1)) {
      const std::string part = member.substr(0, end);
      const UniqueFd link(files::try_open_in_root(dir_.get(), part, O_PATH | O_NOFOLLOW));
      struct stat status {};
      if (link) check(::fstat(link.get(), &status), "stat ", printable(part));
      if (S_ISLNK(status.st_mode)) {
        throw ImageError(cat(name(), ": ", printable(part),
                             " is a symlink that leads to nothing in this directory"),
                         "an image's files have to lie in it themselves; copy them there");
      }
      if (end == std::string::npos) return;
    }
  }

  UniqueFd dir_;
};

class PlainTar : public SeekableArchive {
 public:
  PlainTar(UniqueFd file, uint64_t size, const std::string& name, LayerPlace& place,
           Progress& progress)
      : SeekableArchive(name, place, progress), file_(std::move(file)) {
    FileStream bytes(file_.get(), name, 0, size);
    TarReader tar(bytes, name);
    while (const auto entry = tar.next()) {
      const auto member = members_.add(*entry);
      if (!member || entry->type != EntryType::file) continue;
      places_[*member] = {tar.data_offset(), entry->size};
    }
  }

  std::vector<std::string> names() const override { return members_.names(); }
  std::vector<std::string> calls(const std::string& member) const override {
    const auto extent = open(member);
    if (!extent) return {};
    return {
        call("pread64", unknown("archive"), unknown("bytes"), unknown("how many"), extent->offset)};
  }

 protected:
  std::optional<Extent> open(const std::string& member) const override {
    const auto regular = members_.resolve(member);
    if (!regular) return std::nullopt;
    const Place& place = places_.at(*regular);
    return Extent{{}, file_.get(), place.offset, place.size};
  }

 private:
  struct Place {
    uint64_t offset;
    uint64_t size;
  };
  UniqueFd file_;
  Members members_;
  std::map<std::string, Place> places_;
};

}  // namespace

std::optional<std::string> Members::add(const TarEntry& entry) {
  auto name = clean("", entry.path);
  if (!name || name->empty()) return std::nullopt;
  if (members_.size() == max_members) {
    throw ImageError(
        cat("the archive has more than ", max_members, " members: a saved image has a few hundred"),
        "docker export and tar make root file systems, which are no images; use docker save");
  }
  Member member{entry.type, entry.target};
  // A hard link to a link is what that one is: the chain is followed while it grows.
  const auto target = entry.type == EntryType::hardlink
                          ? members_.find(clean("", entry.target).value_or(""))
                          : members_.end();
  if (target != members_.end() && target->second.type == EntryType::hardlink) {
    member = target->second;
  }
  members_.insert_or_assign(*name, std::move(member));
  return name;
}

std::optional<std::string> Members::resolve(const std::string& name) const {
  const auto found = members_.find(name);
  if (found == members_.end()) return std::nullopt;
  const Member& member = found->second;
  if (member.type == EntryType::file) return name;
  const std::string shown = printable(name);
  const bool is_symlink = member.type == EntryType::symlink;
  if (!is_symlink && member.type != EntryType::hardlink) {
    throw ImageError(cat(shown, " is no regular file in the archive"));
  }
  // A symlink is read from its directory, and an absolute one would lead to the host. A hard link
  // has a member's name.
  const std::string link = cat(shown, is_symlink ? " is a symlink to " : " is a hard link to ",
                               printable(member.target));
  const bool leads_out = is_symlink && member.target.starts_with('/');
  const auto target = clean(is_symlink ? directory_of(name) : "", member.target);
  if (leads_out || !target) throw ImageError(cat(link, ", which is outside the archive"));
  const auto end = members_.find(*target);
  if (end == members_.end()) throw ImageError(cat(link, ", which is not in the archive"));
  if (end->second.type != EntryType::file)
    throw ImageError(cat(link, ", which is no regular file"));
  return *target;
}

std::vector<std::string> Members::names() const {
  std::vector<std::string> names;
  for (const auto& [name, member] : members_) names.push_back(name);
  return names;
}

std::unique_ptr<Archive> open_directory(UniqueFd dir, std::string name, LayerPlace& place,
                                        Progress& progress) {
  return std::make_unique<Directory>(std::move(dir), std::move(name), place, progress);
}

std::unique_ptr<Archive> list_tar(UniqueFd file, uint64_t size, const std::string& name,
                                  LayerPlace& place, Progress& progress) {
  return std::make_unique<PlainTar>(std::move(file), size, name, place, progress);
}

}  // namespace minirun::image
