#include "image/layer/layer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <map>

#include "image/layer/dirs.h"
#include "image/layer/node.h"
#include "image/layer/path.h"
#include "image/layer/whiteouts.h"
#include "image/layer/xattr.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr uint32_t max_major = (1 << 12) - 1;  // the kernel's dev_t has 12 and 20 bits
constexpr uint32_t max_minor = (1 << 20) - 1;
constexpr uint64_t max_described = 256 << 20;

// What ext4 takes besides a file's content; others take about as much.
constexpr uint64_t inode_size = 256;
constexpr uint64_t block_size = 4096;
constexpr uint64_t fits_in_inode = 60;  // of a symlink's target, or of attributes

/// Bytes on a disk, with a file's holes: a copy of the file may need all of it.
uint64_t size_on_disk(const TarEntry& entry) {
  uint64_t attributes = 0;
  for (const auto& [name, value] : entry.xattrs) attributes += name.size() + value.size();
  uint64_t size = attributes <= fits_in_inode ? 0 : attributes + block_size;
  if (entry.type == EntryType::hardlink) return size;  // a second name of an inode
  size += inode_size;
  if (entry.type == EntryType::directory) return size + block_size;
  if (entry.type == EntryType::symlink && entry.target.size() >= fits_in_inode) {
    return size + block_size;
  }
  return entry.size > UINT64_MAX - size ? UINT64_MAX : size + entry.size;
}

}  // namespace

class LayerWriter::Impl {
 public:
  Impl(int diff, std::string name, LayerLimits limits)
      : name_(std::move(name)), limits_(limits), dirs_(diff) {}

  void write(const TarEntry& entry, TarReader& tar);
  LayerStats finish();

 private:
  void count(const TarEntry& entry);
  void write_root(const TarEntry& entry);
  void write_dir(int parent, const LayerPath& path, const TarEntry& entry);
  void write_file(int parent, const LayerPath& path, const TarEntry& entry, TarReader& tar);
  void write_hardlink(int parent, const LayerPath& path, const TarEntry& entry);
  void write_node(int parent, const LayerPath& path, const TarEntry& entry);
  void check_device(const TarEntry& entry) const;
  void write_whiteout(const LayerPath& path);
  void make_opaque(int parent, const std::string& name);
  void make_room(int parent, const LayerPath& path);

  [[noreturn]] void refuse(std::string_view what, std::string_view hint) const {
    throw ImageError(cat(where_, ": ", what), std::string(hint));
  }

  std::string name_;
  LayerLimits limits_;
  LayerDirs dirs_;
  LayerStats stats_;
  DropNotes notes_;
  std::string where_;  // the layer and the entry that is being written, for messages
  std::map<std::string, Metadata> dirs_to_finish_;
  WhiteoutDirs whiteout_dirs_;
  uint64_t described_ = 0;  // bytes of names and attributes, some of which are kept to the end
};

void LayerWriter::Impl::write(const TarEntry& entry, TarReader& tar) {
  where_ = cat(name_, ": ", printable(entry.path.substr(0, 200)));
  count(entry);
  const LayerPath path = parse_layer_path(entry.path, where_);
  if (path.mark == EntryMark::ignored) return;
  if (path.is_root()) return write_root(entry);
  if (path.mark != EntryMark::none) return write_whiteout(path);
  const int parent = dirs_.open(path.parent, where_);
  switch (entry.type) {
    case EntryType::directory:
      return write_dir(parent, path, entry);
    case EntryType::file:
      return write_file(parent, path, entry, tar);
    case EntryType::hardlink:
      return write_hardlink(parent, path, entry);
    default:
      return write_node(parent, path, entry);
  }
}

/// Refuses what is more than a layer may have.
void LayerWriter::Impl::count(const TarEntry& entry) {
  // Directories that no entry lists cost an inode each as well, up to two thousand an entry.
  if (++stats_.entries + dirs_.made() > limits_.entries) {
    refuse(cat("the layer has more than ", limits_.entries, " entries"),
           "no usual layer has; do not trust this image");
  }
  described_ += entry.path.size();
  for (const auto& [name, value] : entry.xattrs) described_ += name.size() + value.size();
  if (described_ > max_described) {
    refuse(cat("the layer's names and attributes are larger than ", human_size(max_described)),
           "no usual layer's are; do not trust this image");
  }
  const uint64_t size = size_on_disk(entry);
  const uint64_t made = dirs_.made() * (inode_size + block_size);
  if (made > limits_.bytes - stats_.room || size > limits_.bytes - stats_.room - made) {
    refuse(cat("the layer's files are larger than ", human_size(limits_.bytes), " on a disk"),
           "make room in the store, or allow more with --max-size");
  }
  stats_.bytes += entry.size;
  stats_.room += size;
}

void LayerWriter::Impl::write_root(const TarEntry& entry) {
  if (entry.type != EntryType::directory) {
    refuse("the root of the layer is not a directory", "do not trust this image");
  }
  stats_.has_root_entry = true;
  dirs_to_finish_.insert_or_assign(".",
                                   Metadata(entry, kept_xattrs(entry, S_IFDIR, where_, notes_)));
}

/// An entry replaces the file of the same name. Only a directory that comes twice is kept, and gets
/// new metadata (image-spec, layer.md "Applying Changesets").
void LayerWriter::Impl::write_dir(int parent, const LayerPath& path, const TarEntry& entry) {
  const char* name = path.name.c_str();
  if (::mkdirat(parent, name, 0700) == -1) {
    const int error = errno;
    const auto status = files::stat_at(parent, path.name);
    if (error != EEXIST || !status) throw SysError(error, cat(where_, ": mkdir"));
    if (!S_ISDIR(status->st_mode)) {
      // What was here, a whiteout or another file, hid the directories of that name below this
      // layer.
      make_room(parent, path);
      check(::mkdirat(parent, name, 0700), where_, ": mkdir");
      make_opaque(parent, path.name);
    }
  }
  dirs_to_finish_.insert_or_assign(path.str(),
                                   Metadata(entry, kept_xattrs(entry, S_IFDIR, where_, notes_)));
}

void LayerWriter::Impl::write_file(int parent, const LayerPath& path, const TarEntry& entry,
                                   TarReader& tar) {
  // O_EXCL: an existing file, for example a FIFO or a symlink, is never opened.
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd file(::openat(parent, path.name.c_str(), flags, 0600));
  if (!file && errno == EEXIST) {
    make_room(parent, path);
    file = UniqueFd(::openat(parent, path.name.c_str(), flags, 0600));
  }
  check(file.get(), where_, ": create");
  write_content(file.get(), entry.size, tar, where_);
  apply(Metadata(entry, kept_xattrs(entry, S_IFREG, where_, notes_)), file.get(), where_, notes_);
}

/// A hard link is a second name; what its header says of owner, mode and times then holds for the
/// file, as with Docker (moby, pkg/archive, createTarFile).
void LayerWriter::Impl::write_hardlink(int parent, const LayerPath& path, const TarEntry& entry) {
  const LayerPath target = parse_layer_path(entry.target, cat(where_, ": its hard link target"));
  const std::string shown = printable(entry.target.substr(0, 200));
  if (target.str() == path.str()) refuse("is a hard link to itself", "save the image again");
  const UniqueFd dir = dirs_.find(target.parent);
  const auto status = dir && target.mark == EntryMark::none && !target.is_root()
                          ? files::stat_at(dir.get(), target.name)
                          : std::nullopt;
  if (!status || S_ISDIR(status->st_mode) || is_whiteout(*status)) {
    const bool may_be_below = !status && target.mark == EntryMark::none && !target.is_root();
    refuse(cat("is a hard link to ", shown, ", which is no file of this layer before it"),
           may_be_below
               ? "if a lower layer has that file: the layer was made for a runner that unpacks it "
                 "onto the layers below, as containerd does; Docker's overlay2 refuses it too; "
                 "build the image again so that the layer has the file itself"
               : "a hard link is another name of a file of its own layer; build the image again");
  }
  const auto old = files::stat_at(parent, path.name);
  if (!old || old->st_ino != status->st_ino) {
    if (old) make_room(parent, path);
    check(::linkat(dir.get(), target.name.c_str(), parent, path.name.c_str(), 0), where_,
          ": link to ", shown);
  }
  const Metadata metadata(entry, kept_xattrs(entry, status->st_mode, where_, notes_));
  apply_to_linked(metadata, parent, path.name, *status, where_, notes_);
}

void LayerWriter::Impl::check_device(const TarEntry& entry) const {
  if (entry.device_major > max_major || entry.device_minor > max_minor) {
    refuse(cat("is the device ", entry.device_major, ":", entry.device_minor,
               ", which Linux cannot have"),
           "save the image again");
  }
  if (entry.type == EntryType::char_device && entry.device_major == 0 && entry.device_minor == 0) {
    refuse("is the character device 0:0, which overlay takes for a whiteout",
           "a layer hides a file by an entry named .wh.NAME; do not trust this image");
  }
}

void LayerWriter::Impl::write_node(int parent, const LayerPath& path, const TarEntry& entry) {
  const bool is_symlink = entry.type == EntryType::symlink;
  if (!is_symlink && entry.type != EntryType::fifo) check_device(entry);
  int made = make_node(parent, path.name, entry);
  if (made == -1 && errno == EEXIST) {
    make_room(parent, path);
    made = make_node(parent, path.name, entry);
  }
  check(made, where_, is_symlink ? ": symlink" : ": mknod");
  kept_xattrs(entry, 0, where_, notes_);  // keeps none of such a file, but tells
  apply_to_node(Metadata(entry), parent, path.name, is_symlink, where_);
}

void LayerWriter::Impl::write_whiteout(const LayerPath& path) {
  const int parent = dirs_.open(path.parent, where_);
  if (path.mark == EntryMark::opaque) return set_opaque(parent, where_);
  const auto status = files::stat_at(parent, path.name);
  if (!status) {
    check(::mknodat(parent, path.name.c_str(), S_IFCHR, ::makedev(0, 0)), where_,
          ": make a whiteout");
    whiteout_dirs_.insert(dirs_.real_path(parent, path.parent));
  } else if (S_ISDIR(status->st_mode)) {
    // Whiteouts hide what is below, not what this layer brings itself, in whatever order they come.
    make_opaque(parent, path.name);
  }
}

void LayerWriter::Impl::make_opaque(int parent, const std::string& name) {
  const UniqueFd dir = files::open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  set_opaque(dir.get(), where_);
}

/// Removes what an earlier entry put here.
void LayerWriter::Impl::make_room(int parent, const LayerPath& path) {
  const std::string full = path.str();
  dirs_.forget(full);
  dirs_to_finish_.erase(full);
  dirs_to_finish_.erase(dirs_to_finish_.lower_bound(full + "/"),
                        dirs_to_finish_.lower_bound(full + "0"));  // '0' comes after '/'
  files::remove_tree(parent, path.name);
}

LayerStats LayerWriter::Impl::finish() {
  // Only now is it known what is opaque, and it must come before the directories' times.
  stats_.whiteout_dirs = drop_hidden_whiteouts(dirs_.root(), whiteout_dirs_);
  // In reverse a path comes before those it begins with: a directory before its parent.
  for (auto dir = dirs_to_finish_.rbegin(); dir != dirs_to_finish_.rend(); ++dir) {
    const auto& [path, metadata] = *dir;
    const UniqueFd fd(
        files::try_open_in_root(dirs_.root(), path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    // An entry by another path, through a symlink of the layer, may have replaced it.
    if (!fd && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) continue;
    const std::string where = cat(name_, ": ", printable(path.substr(0, 200)));
    check(fd.get(), where, ": open");
    apply(metadata, fd.get(), where, notes_);
  }
  stats_.room += dirs_.made() * (inode_size + block_size);
  stats_.notes = notes_.lines();
  return stats_;
}

LayerWriter::LayerWriter(int diff, std::string name, LayerLimits limits)
    : impl_(std::make_unique<Impl>(diff, std::move(name), limits)) {}

LayerWriter::~LayerWriter() = default;

void LayerWriter::write(const TarEntry& entry, TarReader& tar) { impl_->write(entry, tar); }

LayerStats LayerWriter::finish() { return impl_->finish(); }

}  // namespace minirun::image
