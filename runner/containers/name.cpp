#include "runner/containers/name.h"

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun {

void ClaimName::apply(Live& /*live*/) const {
  const UniqueFd dir = files::open_at(AT_FDCWD, containers_dir, O_PATH | O_DIRECTORY);
  const std::string link = "@" + name;
  if (::symlinkat(id.c_str(), dir.get(), link.c_str()) == 0) return;
  if (errno != EEXIST) throw SysError(errno, cat("symlink ", containers_dir, "/", link));
  const std::string owner = files::read_link(dir.get(), link).value_or("");
  if (owner == id) return;
  if (files::stat_at(dir.get(), owner)) {
    throw Error(cat("the name ", name, " is taken by container ", owner),
                cat("choose another --name, or remove it with: minirun rm ", name));
  }
  // Its container is gone: a runner was killed before it could give the name back. Whoever renames
  // a link of its own over it last has the name; the loser sees that below.
  const std::string own = cat(link, ".", id);
  check(::symlinkat(id.c_str(), dir.get(), own.c_str()), "symlink ", own);
  check(::renameat(dir.get(), own.c_str(), dir.get(), link.c_str()), "rename ", own);
  if (files::read_link(dir.get(), link) != id)
    throw Error(cat("the name ", name, " was just taken"));
}

std::string ClaimName::shell() const {
  return cat("ln -s ", id, " ", shell_quote(cat(containers_dir, "/@", name)));
}

std::vector<std::string> ClaimName::calls() const {
  return {call("symlinkat", c_string(id), unknown(name_of(containers_dir)), c_string("@" + name))};
}

std::string ClaimName::look() const {
  return cat("readlink ", shell_quote(cat(containers_dir, "/@", name)));
}

void ClaimName::undo(Live& /*live*/) const {
  if (keep) return;
  const UniqueFd dir = files::open_at(AT_FDCWD, containers_dir, O_PATH | O_DIRECTORY);
  const std::string link = "@" + name;
  if (files::read_link(dir.get(), link) != id) return;
  check(::unlinkat(dir.get(), link.c_str(), 0), "unlink ", containers_dir, "/", link);
}

std::string ClaimName::undo_shell() const {
  if (keep) return {};
  const std::string link = shell_quote(cat(containers_dir, "/@", name));
  return cat("[ \"$(readlink ", link, ")\" != ", id, " ] || rm -f ", link);
}

}  // namespace minirun
