#include "image/load/told.h"

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {

std::string plural(size_t count, std::string_view word) {
  return cat(count, " ", word, count == 1 ? "" : "s");
}

LoadStory::LoadStory(const LoadOptions& options, std::string store, const std::string& path)
    : options_(options), store_(std::move(store)), path_(path == "-" ? "-" : shell_quote(path)) {}

void LoadStory::tell(LoadRecord record) {
  const auto now = std::chrono::steady_clock::now();
  record.number = ++number_;
  record.of = total_;
  record.took = std::chrono::duration_cast<std::chrono::microseconds>(now - last_);
  last_ = now;
  if (options_.tell) options_.tell(record);
}

std::string LoadStory::extract(const std::string& member) const {
  const std::string name = printable(member);
  return is_directory_ ? cat("cat ", path_, "/", shell_quote(name))
                       : cat("tar -xOf ", path_, " ", shell_quote(name));
}

void LoadStory::known(size_t images) {
  LoadRecord record;
  record.id = "open-archive";
  record.why =
      "the file has the device, inode, size and times of one that was loaded before, "
      "so it is not read again";
  record.see = "stat(2), \"st_ctim\"";
  record.calls = {
      cat("newfstatat(AT_FDCWD, \"", printable(path_), "\", {st_size, st_mtim...}, 0)")};
  record.shell = cat("stat -c '%d %i %s %Y %Z' ", path_);
  record.look = cat("ls ", store_, "/archives");
  record.result = cat("in the store already: ", plural(images, "image"));
  total_ = 1;
  tell(std::move(record));
}

void LoadStory::opened(const Archive& archive) {
  is_directory_ = archive.is_directory();
  LoadRecord record;
  record.id = "open-archive";
  record.why =
      "the members are listed before any is used: a manifest may be the last of them, "
      "and it names the others; a member is never opened by its name on this machine, "
      "so \"../etc/passwd\" can be no layer";
  record.see = "tar(5); image-spec, image-layout.md";
  if (path_ == "-") {
    record.calls = {"read(0, ...)"};
  } else {
    record.calls = {cat("openat(AT_FDCWD, \"", printable(path_), "\", O_RDONLY|",
                        is_directory_ ? "O_DIRECTORY|" : "O_NOCTTY|", "O_CLOEXEC)")};
  }
  record.shell = cat(is_directory_ ? "ls -R " : "tar -tvf ", path_);
  record.result = plural(archive.names().size(), is_directory_ ? "file" : "member");
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
  record.calls = {"read(<archive>, ...)"};
  record.shell = cat(extract(document), " | jq .");
  record.result = plural(images, "image");
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
  record.calls = {"read(<archive>, ...)"};
  record.shell = cat(extract(manifest.config.member),
                     manifest.made_config ? " | jq ." : " | tee /dev/stderr | sha256sum");
  record.result = cat("image ", id.short_hex(), ", ", printable(config.platform.str()), ", ",
                      plural(config.diff_ids.size(), "layer"));
  total_ = number_ + 1 + config.diff_ids.size() + 1;
  tell(std::move(record));
}

void LoadStory::unpacked_layer(const BlobRef& ref, const Digest& diff_id, const Digest& chain,
                               const ReadLayer& layer, bool was_there) {
  const std::string unpacker =
      cat(" | tee >(tar -xC ", shell_quote(cat(store_, "/overlay2/", chain.hex(), "/diff")), ")");
  const bool is_packed = layer.found.blob != layer.found.diff_id;
  LoadRecord record;
  record.id = "unpack-layer";
  record.why =
      "the layer's bytes are hashed while they are unpacked; what does not have the "
      "diff id that the config names is thrown away";
  record.see = "image-spec, layer.md; config.md, \"Layer DiffID\"";
  if (!was_there) {
    record.calls = {
        "openat2(<layer>, DIRECTORY, {flags=O_RDONLY|O_DIRECTORY|O_CLOEXEC, "
        "resolve=RESOLVE_IN_ROOT|RESOLVE_NO_SYMLINKS|RESOLVE_NO_MAGICLINKS})",
        "openat(<directory>, FILE, O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600)",
        "pwrite64(<file>, ...), fchown, fchmod, utimensat: of each file"};
  } else {
    record.calls = {"read(<archive>, ...)"};
  }
  record.shell = cat(extract(ref.member), is_packed ? " | bsdcat" : "", was_there ? "" : unpacker,
                     " | sha256sum");
  record.result = cat("diff id ", diff_id.short_hex(), " verified, ",
                      was_there ? std::string("in the store already")
                                : plural(layer.found.stats.entries, "tar member"),
                      ", ", human_size(layer.found.diff_size));
  tell(std::move(record));
}

void LoadStory::committed(const Digest& id, const std::vector<Digest>& chain,
                          const std::vector<std::string>& names) {
  LoadRecord record;
  record.id = "commit";
  record.why =
      "each layer and then the image gets its place by one rename, so a kill at any "
      "moment leaves it there whole or not at all";
  record.see = "rename(2)";
  for (const Digest& layer : chain) {
    record.calls.push_back(
        cat("renameat(<staging>, LAYER, <store>, \"overlay2/", layer.hex(), "\")"));
  }
  record.calls.push_back(cat("renameat(<staging>, IMAGE, <store>, \"images/", id.hex(), "\")"));
  record.shell =
      cat("mv staging/LAYER ", store_, "/overlay2/", chain.empty() ? "" : chain.back().hex());
  record.look = cat("ls -l ", store_, "/images/", id.hex());
  if (!chain.empty()) record.look += cat(" ", store_, "/overlay2/", chain.back().hex());
  record.result =
      cat("image ", id.short_hex(), names.empty() ? "" : cat(", ", printable(names.front())));
  tell(std::move(record));
}

}  // namespace minirun::image
