// containers, diff, rm, volumes, volume, gc: what containers left.
#include <filesystem>

#include "image/layer/changes.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"
#include "runner/commands/commands.h"
#include "runner/commands/layers.h"
#include "runner/commands/shared.h"
#include "runner/containers/sweep.h"

namespace minirun {

int containers_command(const Options& options) {
  const image::Store store(store_root(options));
  print(cat(padded("ID", 12), padded("STATE", 7), padded("NAME", 10), padded("IMAGE", 20),
            "COMMAND\n"));
  for (const ContainerInfo& container : list_containers(store.root())) {
    const ContainerState& state = container.state;
    const char* life = container.running ? "running" : state.keep ? "kept" : "dead";
    print(cat(padded(state.id, 12), padded(life, 7), padded(state.name, 10),
              padded(printable(state.image), 20), printable(state.command), "\n"));
  }
  return 0;
}

int diff_command(const Options& options) {
  allow_many_files();
  const image::Store store(store_root(options));
  const std::string dir =
      cat(store.root(), "/", find_container(store.root(), options.arguments[0]));
  std::vector<std::string> layers;
  const std::string lower = files::read_file(AT_FDCWD, dir + "/lower");
  for (const auto name : split(lower, ':')) {
    layers.push_back(cat(store.overlay_dir(), "/", name));
  }
  for (const image::Change& change : image::diff_upper(dir + "/diff", layers)) {
    print(cat(std::string(1, change.kind), " ", printable(change.path), "\n"));
  }
  return 0;
}

int rm_command(const Options& options) {
  remove_container(image::Store(store_root(options)).root(), options.arguments[0]);
  return 0;
}

int volumes_command(const Options& options) {
  const image::Store store(store_root(options));
  for (const std::string& name : list_volumes(store.root())) print(name + "\n");
  return 0;
}

int volume_command(const Options& options) {
  if (options.arguments[0] != "rm") throw UsageError("usage: minirun volume rm NAME");
  remove_volume(image::Store(store_root(options)).root(), options.arguments[1]);
  return 0;
}

namespace {

/// Bytes on disk of a file, or of a directory with all below it.
uint64_t disk_usage(const std::string& path) {
  namespace fs = std::filesystem;
  uint64_t bytes = 0;
  const auto add = [&bytes](const fs::path& file) {
    if (const auto status = files::stat_at(AT_FDCWD, file.string())) {
      bytes += static_cast<uint64_t>(status->st_blocks) * 512;
    }
  };
  add(path);
  if (!fs::is_directory(fs::symlink_status(path))) return bytes;
  for (const auto& entry : fs::recursive_directory_iterator(path)) add(entry.path());
  return bytes;
}

int check_store(const image::Store& store) {
  std::vector<Stray> strays = store.strays();
  for (Stray& stray : stray_containers(store.root())) strays.push_back(std::move(stray));
  uint64_t total = 0;
  for (const Stray& stray : strays) {
    const uint64_t size = disk_usage(store.root() + "/" + stray.path);
    total += size;
    print(cat(padded(human_size(size), 9), printable(stray.path), ": ", stray.why, "\n"));
  }
  if (strays.empty()) return 0;
  note(cat(human_size(total), " in ", store.root(), "; minirun gc removes what the dead left"));
  return 1;
}

}  // namespace

int gc_command(const Options& options) {
  image::Store store(store_root(options));
  if (options.check) return check_store(store);
  const auto left = sweep_all_containers(store.root());
  store.sweep_all();
  for (const std::string& line : left) note(line);
  return left.empty() ? 0 : 125;
}

}  // namespace minirun
