#include "runner/commands/program.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "image/layer/hidden_links.h"
#include "namespaces/exec.h"
#include "runner/base/error.h"
#include "runner/base/near.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

using image::Links;

struct stat status_of(const image::Stack::Found& found) {
  struct stat status {};
  check(::fstat(found.fd.get(), &status), "stat ", found.path);
  return status;
}

/// Where a symlink at `path` leads, made absolute; nullopt if it is none.
std::optional<std::string> target_of(const image::Stack& stack, const std::string& path) {
  const auto found = stack.find(path, Links::keep_last);
  if (!found) return std::nullopt;
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlinkat(found->fd.get(), "", target.data(), target.size() - 1);
  if (length <= 0) return std::nullopt;
  const std::string text(target.data(), static_cast<size_t>(length));
  return clean_absolute(text.starts_with('/') ? text : cat("/", parent_of(found->path), "/", text));
}

}  // namespace

std::vector<std::string> diffs_of(const ContainerSpec& spec) {
  std::vector<std::string> diffs;
  for (const std::string& name : spec.lower) {
    diffs.push_back(cat(spec.store, "/overlay2/", name));
  }
  return diffs;
}

Program::Program(const ContainerSpec& spec, const image::Stack& stack)
    : spec_(spec), stack_(stack) {
  problem_ = look_for_program();
}

std::vector<std::string> Program::path_dirs() const {
  std::vector<std::string> dirs;
  for (const std::string_view dir : split(ns::path_variable(spec_.env), ':')) {
    dirs.push_back(clean_absolute(dir.starts_with('/') ? dir : cat(spec_.working_dir, "/", dir)));
  }
  return dirs;
}

bool Program::is_seen() const {
  std::vector<std::string> places = path_dirs();
  const std::string& name = spec_.argv.front();
  if (name.find('/') != std::string::npos) {
    places = {clean_absolute(name.starts_with('/') ? name : cat(spec_.working_dir, "/", name))};
  }
  return std::none_of(spec_.mounts.begin(), spec_.mounts.end(), [&](const MountSpec& mount) {
    return std::any_of(places.begin(), places.end(), [&](const std::string& place) {
      return (place + "/").starts_with(mount.target == "/" ? "/" : mount.target + "/");
    });
  });
}

std::string Program::executed() const {
  const auto last = std::find_if(parts_.rbegin(), parts_.rend(),
                                 [](const Part& part) { return part.role != "loader"; });
  return last == parts_.rend() ? "" : last->path;
}

/// As execvp(3): what may not be executed is passed over, and is the reason if nothing else is
/// found.
std::optional<std::string> Program::look_for_program() {
  const std::string& name = spec_.argv.front();
  if (name.find('/') != std::string::npos) {
    const std::string path = name.starts_with('/') ? name : cat(spec_.working_dir, "/", name);
    return examine(path, "program", 0);
  }
  std::optional<std::string> denied;
  for (const std::string& dir : path_dirs()) {
    const std::string path = cat(dir, "/", name);
    const auto found = stack_.find(path);
    if (!found) continue;
    if (auto reason = forbidden(path, *found)) {
      if (!denied) denied = reason;
      continue;
    }
    return examine(path, "program", 0);
  }
  return denied ? denied : not_found_in_path();
}

std::string Program::hidden_by_a_layer(const std::string& path) const {
  for (const image::HiddenLink& link : image::find_hidden_links(diffs_of(spec_))) {
    if (!clean_absolute(path).starts_with(cat("/", link.path, "/"))) continue;
    return cat("a layer hides it: ", image::words_of(link));
  }
  return {};
}

std::string Program::not_found_in_path() const {
  const std::string& name = spec_.argv.front();
  if (const size_t space = name.find(' '); space != std::string::npos) {
    return cat("\"", printable(name),
               "\" is one word, with a blank in it: give program and arguments as "
               "words of their own, without the quotes");
  }
  std::vector<std::string> names;
  for (const std::string& dir : path_dirs()) {
    if (auto hidden = hidden_by_a_layer(dir + "/"); !hidden.empty()) return hidden;
    for (std::string& other : stack_.list(dir)) names.push_back(std::move(other));
  }
  for (const char* dir : {"/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"}) {
    const std::string path = cat(dir, "/", name);
    if (stack_.find(path)) return cat("it is ", path, ", which is not in PATH; see -e PATH=");
  }
  if (names.empty()) {
    return "no directory of PATH has a program: the image may hold one program only, which "
           "minirun inspect shows as Entrypoint or Cmd";
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string near;
  for (const std::string& other : near_matches(name, names)) {
    near += cat(near.empty() ? "" : ", ", printable(other));
  }
  if (!near.empty()) return cat("PATH has no ", printable(name), ", but ", near);
  return cat("PATH has no ", printable(name), "; minirun ls IMAGE ", path_dirs().front(),
             " lists what is there");
}

/// Why nothing is at the path: a symlink that leads nowhere, a loop, or no such name.
std::string Program::not_reached(const std::string& path) const {
  std::string at = clean_absolute(path);
  std::set<std::string> seen;
  while (const auto target = target_of(stack_, at)) {
    if (!seen.insert(at).second)
      return cat(printable(path), " is a symlink that leads back to itself");
    at = *target;
  }
  if (auto hidden = hidden_by_a_layer(path); !hidden.empty()) return hidden;
  if (!seen.empty()) {
    return cat(printable(path), " is a symlink to ", printable(at), ", which the image has not");
  }
  std::string near;
  for (const std::string& other : near_matches(name_of(at), stack_.list(parent_of(at)))) {
    near += cat(near.empty() ? "; the directory has " : ", ", printable(other));
  }
  return cat("the image has no ", printable(at), near);
}

bool Program::may_execute(const struct stat& status) const {
  const bool is_directory = S_ISDIR(status.st_mode);
  if (spec_.user.uid == 0) return is_directory || (status.st_mode & 0111) != 0;
  if (status.st_uid == spec_.user.uid) return (status.st_mode & 0100) != 0;
  const auto& groups = spec_.user.groups;
  const bool is_in_group = status.st_gid == spec_.user.gid ||
                           std::find(groups.begin(), groups.end(), status.st_gid) != groups.end();
  return (status.st_mode & (is_in_group ? 0010 : 0001)) != 0;
}

/// EACCES: no regular file, no x bit for this user, or a directory above that the user may not
/// enter.
std::optional<std::string> Program::forbidden(const std::string& path,
                                              const image::Stack::Found& found) const {
  const std::string user = cat("user ", spec_.user.uid);
  for (size_t slash = found.path.find('/'); slash != std::string::npos;
       slash = found.path.find('/', slash + 1)) {
    const std::string dir = "/" + found.path.substr(0, slash);
    const auto above = stack_.find(dir);
    if (!above || may_execute(status_of(*above))) continue;
    return cat(user, " may not enter ", printable(dir), ", mode ",
               octal(status_of(*above).st_mode & 07777),
               ": choose another user with -u, or chmod it "
               "where the image is built");
  }
  const struct stat status = status_of(found);
  if (S_ISDIR(status.st_mode))
    return cat(printable(path), " is a directory: name the program in it");
  if (!S_ISREG(status.st_mode))
    return cat(printable(path), " is no file, but a device, a socket or a FIFO");
  if (may_execute(status)) return std::nullopt;
  return cat(printable(path), " has mode ", octal(status.st_mode & 07777), " and owner ",
             status.st_uid, ":", status.st_gid, ", so ", user,
             " may not execute it: chmod +x where the image is built, or run it by its "
             "interpreter, as in: sh ",
             printable(path));
}

}  // namespace minirun
