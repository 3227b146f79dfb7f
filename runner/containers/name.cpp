#include "runner/containers/name.h"

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun {

void ClaimName::apply(Live& /*live*/) const {
  const UniqueFd dir = files::open_at(AT_FDCWD, names_dir, O_PATH | O_DIRECTORY);
  if (::symlinkat(target.c_str(), dir.get(), name.c_str()) == 0) return;
  if (errno != EEXIST) throw SysError(errno, cat("symlink ", names_dir, "/", name));
  const std::string owner = files::read_link(dir.get(), name).value_or("");
  if (owner == target) return;
  if (files::stat_at(dir.get(), owner)) {
    throw Error(cat("the name ", name, " is taken by container ", name_of(owner)),
                cat("choose another --name, or remove it with: minirun rm ", name));
  }
  // Its container is gone: a runner was killed before it could give the name back. Whoever renames
  // a link of its own over it last has the name; the loser sees that below. No name begins with a
  // dot.
  const std::string own = cat(".", name_of(target));
  check(::symlinkat(target.c_str(), dir.get(), own.c_str()), "symlink ", own);
  check(::renameat(dir.get(), own.c_str(), dir.get(), name.c_str()), "rename ", own);
  if (files::read_link(dir.get(), name) != target)
    throw Error(cat("the name ", name, " was just taken"));
}

std::string ClaimName::shell() const {
  return cat("ln -s ", target, " ", shell_quote(cat(names_dir, "/", name)));
}

std::vector<std::string> ClaimName::calls() const {
  return {call("symlinkat", c_string(target), unknown(name_of(names_dir)), c_string(name))};
}

std::string ClaimName::look() const {
  return cat("readlink ", shell_quote(cat(names_dir, "/", name)));
}

void ClaimName::undo(Live& /*live*/) const {
  if (keep) return;
  const UniqueFd dir = files::open_at(AT_FDCWD, names_dir, O_PATH | O_DIRECTORY);
  if (files::read_link(dir.get(), name) != target) return;
  check(::unlinkat(dir.get(), name.c_str(), 0), "unlink ", names_dir, "/", name);
}

std::string ClaimName::undo_shell() const {
  if (keep) return {};
  const std::string link = shell_quote(cat(names_dir, "/", name));
  return cat("[ \"$(readlink ", link, ")\" != ", target, " ] || rm -f ", link);
}

}  // namespace minirun
