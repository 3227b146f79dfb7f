// containers, diff, rm, volumes, volume, gc: what containers left.
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
      cat(store.root(), "/containers/", find_container(store.root(), options.arguments[0]));
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

int gc_command(const Options& options) {
  const image::Store store(store_root(options));
  store.sweep();
  const auto left = sweep_containers(store.root());
  for (const std::string& line : left) note(line);
  return left.empty() ? 0 : 125;
}

}  // namespace minirun
