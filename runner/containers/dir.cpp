#include "runner/containers/dir.h"

#include <ctime>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/locked_dir.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

constexpr int max_tries = 100;
constexpr timespec between_tries{0, 1'000'000};

}  // namespace

// LESSON: dir
void MakeContainerDir::apply(Live& live) const {
  const UniqueFd parent = files::open_at(AT_FDCWD, parent_of(path), O_RDONLY | O_DIRECTORY);
  if (files::stat_at(parent.get(), name_of(path))) {
    throw Error(cat("a container has the directory ", path, " already"),
                "choose another --name, or remove it: minirun rm");
  }
  // Another runner's sweep may lock the directory between our mkdir and our flock, because it has
  // no lock then. The sweep removes it, and the name is free again.
  for (int tries = 0; tries < max_tries; ++tries) {
    if (auto lock = files::make_locked_dir(parent.get(), name_of(path))) {
      live.lock = std::move(*lock);
      return;
    }
    ::nanosleep(&between_tries, nullptr);
  }
  throw Error(cat("cannot make ", path, ": another minirun uses or removes it"), "try again");
}

// Descriptor 8 holds the lock as long as this shell lives.
std::string MakeContainerDir::shell() const {
  const std::string dir = shell_quote(path);
  return cat("mkdir -m 700 ", dir, "\nexec 8< ", dir, "\nflock --nonblock 8");
}

std::vector<std::string> MakeContainerDir::calls() const {
  const std::string parent = name_of(parent_of(path));
  const std::string name = name_of(path);
  return {call("mkdirat", unknown(parent), c_string(name), "0700"),
          call("flock", unknown(cat(parent, "/", name)), "LOCK_EX|LOCK_NB")};
}

std::string MakeContainerDir::look() const { return cat("ls -ld ", shell_quote(path)); }

void MakeContainerDir::undo(Live& live) const {
  const auto parent = files::open_if_exists(AT_FDCWD, parent_of(path), O_RDONLY | O_DIRECTORY);
  if (parent && !keep && !live.undo_failed) files::remove_tree(parent->get(), name_of(path));
  live.lock.reset();
}

// With the lock, so that a script that is run twice at once doesn't remove the other's. What the
// shell has just put in the background may hold it for a moment longer.
std::string MakeContainerDir::undo_shell() const {
  if (keep) return {};
  const std::string dir = shell_quote(path);
  return cat("exec 8<&-\nflock --timeout 1 ", dir, " rm -rf --one-file-system ", dir);
}

}  // namespace minirun
