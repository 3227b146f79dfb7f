#include "image/load/told.h"

#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::image {

namespace {

/// What unpacking a layer does for each of its files. A whiteout is a device without a driver.
std::vector<std::string> calls_for_a_file() {
  const std::string each = " /* for each file */";
  return {
      cat(call("mkdirat", unknown("layer"), unknown("directory"), "0700"),
          " /* for each directory */"),
      cat(call("openat2", unknown("layer"), unknown("directory"), "{...}", 24),
          " /* for each directory */"),
      cat(call("mknodat", unknown("directory"), unknown("name"), "S_IFCHR|000", "makedev(0, 0)"),
          " /* for each whiteout */"),
      cat(call("openat", unknown("directory"), unknown("file"),
               "O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC", "0600"),
          each),
      cat(call("pwrite64", unknown("file"), unknown("bytes"), unknown("how many"),
               unknown("where")),
          each),
      cat(call("fchown", unknown("file"), unknown("uid"), unknown("gid")), each),
      cat(call("fchmod", unknown("file"), unknown("mode")), each),
      cat(call("utimensat", unknown("file"), "NULL", "[{...}, {...}]", 0), each)};
}

}  // namespace

LoadStory::LoadStory(const LoadOptions& options, std::string store, const std::string& path)
    : options_(options), store_(std::move(store)), path_(path) {}

void LoadStory::tell(LoadRecord record) {
  const auto now = std::chrono::steady_clock::now();
  record.number = ++number_;
  record.of = total_;
  record.took = std::chrono::duration_cast<std::chrono::microseconds>(now - last_);
  last_ = now;
  if (options_.tell) options_.tell(record);
}

std::string LoadStory::extract(const std::string& member) const {
  if (archive_->is_directory()) return cat("cat ", shell_quote(cat(path_, "/", member)));
  return cat("tar -xOf ", shell_quote(path_), " ", shell_quote(member));
}

std::string LoadStory::in_store(std::string_view path) const {
  return shell_quote(cat(store_, "/", path));
}

void LoadStory::known(size_t images) {
  LoadRecord record;
  record.id = "open-archive";
  record.why =
      "the file has the device, inode, size and times of one that was loaded before, "
      "so it is not read again";
  record.see = "stat(2), \"st_ctim\"";
  record.calls = {call("newfstatat", "AT_FDCWD", c_string(path_), "{...}", 0)};
  record.shell = cat("stat -c '%d %i %s %Y %Z' ", shell_quote(path_));
  record.look = cat("ls ", in_store("archives"));
  record.result = cat("in the store already: ", page::counted(images, "image"));
  total_ = 1;
  tell(std::move(record));
}

void LoadStory::opened(const Archive& archive) {
  archive_ = &archive;
  LoadRecord record;
  record.id = "open-archive";
  record.why =
      "the members are listed before any is used: a manifest may be the last of them, "
      "and it names the others; a member is never opened by its name on this machine, "
      "so \"../etc/passwd\" can be no layer";
  record.see = "tar(5); image-spec, image-layout.md";
  const bool is_directory = archive.is_directory();
  if (path_ == "-") {
    record.calls = {call("read", 0, unknown("bytes"), unknown("how many"))};
  } else {
    record.calls = {call("openat", "AT_FDCWD", c_string(path_), "O_RDONLY|O_NOCTTY|O_CLOEXEC")};
  }
  record.shell = cat(is_directory ? "ls -R " : "tar -tvf ", shell_quote(path_));
  record.result = page::counted(archive.names().size(), is_directory ? "file" : "member");
  tell(std::move(record));
}

void LoadStory::read_manifest(const std::string& document, size_t images) {
  LoadRecord record;
  record.id = "read-manifest";
  record.why =
      "an archive may hold several images, and their layers in any order; a document "
      "says which files make which image, and what is on top of what";
  record.see = document == "index.json"      ? "image-spec, image-index.md"
               : document == "manifest.json" ? "moby, image/spec/v1.2.md"
                                             : "moby, image/spec/v1.md";
  record.calls = archive_->calls(document);
  record.shell = cat(extract(document), " | jq .");
  record.result = page::counted(images, "image");
  tell(std::move(record));
}

void LoadStory::read_config(const ManifestImage& manifest, const Digest& id, const Config& config) {
  LoadRecord record;
  record.id = "read-config";
  record.why =
      "the config says what to run, and which digest each layer's plain tar has to "
      "have; its own digest is the image's id, so nobody can change it without "
      "changing the id";
  record.see = "image-spec, config.md";
  if (!manifest.made_config) record.calls = archive_->calls(manifest.config.member);
  record.shell = cat(extract(manifest.config.member),
                     manifest.made_config ? " | jq ." : " | tee /dev/stderr | sha256sum");
  record.result = cat("image ", id.short_hex(), ", ", printable(config.platform.str()), ", ",
                      page::counted(config.diff_ids.size(), "layer"));
  total_ = number_ + 1 + config.diff_ids.size() + 1;
  tell(std::move(record));
}

void LoadStory::unpacked_layer(const BlobRef& ref, const Digest& diff_id, const Digest& chain,
                               const ReadLayer& layer, bool was_there) {
  const std::string unpacker =
      cat(" | tee >(tar -xC ", in_store(cat("overlay2/", chain.hex(), "/diff")), ")");
  const bool is_packed = layer.found.blob != layer.found.diff_id;
  LoadRecord record;
  record.id = "unpack-layer";
  record.why =
      "the layer's bytes are hashed while they are unpacked; what does not have the "
      "diff id that the config names is thrown away";
  record.see = "image-spec, layer.md; config.md, \"Layer DiffID\"";
  record.calls = archive_->calls(ref.member);
  if (!was_there) append(record.calls, calls_for_a_file());
  record.shell = cat(extract(ref.member), is_packed ? " | bsdcat" : "", was_there ? "" : unpacker,
                     " | sha256sum");
  record.result = cat("diff id ", diff_id.short_hex(), " verified, ",
                      was_there ? std::string("in the store already")
                                : page::counted(layer.found.stats.entries, "tar member"),
                      ", ", human_size(layer.found.diff_size));
  tell(std::move(record));
}

void LoadStory::committed(const Digest& id, const std::vector<Digest>& layers, bool is_new,
                          const std::vector<std::string>& names) {
  LoadRecord record;
  record.id = "commit";
  record.why =
      "each layer and then the image gets its place by one rename, so a kill at any "
      "moment leaves it there whole or not at all";
  record.see = "rename(2)";
  std::string moves;
  std::string places = in_store("images/" + id.hex());
  for (const Digest& layer : layers) {
    const std::string place = "overlay2/" + layer.hex();
    record.calls.push_back(
        call("renameat", unknown("staging"), unknown("layer"), unknown("store"), c_string(place)));
    moves += cat("mv LAYER ", in_store(place), "\n");
    places += cat(" ", in_store(place));
  }
  if (is_new) {
    record.calls.push_back(call("renameat", unknown("store"), unknown("staging/image"),
                                unknown("store"), c_string("images/" + id.hex())));
    moves += cat("mv IMAGE ", in_store("images/" + id.hex()));
  } else {
    record.calls.push_back(call("renameat", unknown("image"), unknown("new names"),
                                unknown("image"), c_string("tags")));
    moves += cat("mv NAMES ", in_store(cat("images/", id.hex(), "/tags")));
  }
  record.shell = moves;
  record.look = "ls -ld " + places;
  record.result =
      cat("image ", id.short_hex(), names.empty() ? "" : cat(", ", printable(names.front())));
  tell(std::move(record));
}

}  // namespace minirun::image
