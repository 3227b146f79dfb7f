#include "mount/dir.h"

#include "mount/attach.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

std::string ls_dir(const std::string& path) { return cat("ls -ld ", shell_quote(path)); }

}  // namespace

// LESSON: dir-upper, dir-work, dir-merged
void MakeDir::apply(Live&) const {
  check(::mkdir(path.c_str(), 0700), "mkdir ", path);
  const UniqueFd fd = files::open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (::fchown(fd.get(), uid, gid) == -1) {
    const int number = errno;
    throw SysError(number, cat("chown ", path, " to ", uid, ":", gid),
                   number == EINVAL ? "that id has no mapping in the user namespace that minirun "
                                      "runs in: see /proc/self/uid_map"
                                    : "");
  }
  check(::fchmod(fd.get(), mode), "chmod ", path);  // last: chown(2) clears setuid and setgid
}

std::string MakeDir::shell() const {
  return cat("install -d -m ", octal(mode), " -o ", uid, " -g ", gid, " ", shell_quote(path));
}

std::vector<std::string> MakeDir::calls() const {
  const std::string made = unknown(name_of(path));
  return {call("mkdir", c_string(path), "0700"), call("fchown", made, uid, gid),
          call("fchmod", made, c_octal(mode))};
}

std::string MakeDir::look() const { return ls_dir(path); }

void MakeSource::apply(Live&) const { files::make_dirs(path, 0755); }

std::string MakeSource::shell() const { return cat("mkdir -p ", shell_quote(path)); }

// The directories above it, too, where they are missing.
std::vector<std::string> MakeSource::calls() const {
  return {call("mkdir", c_string(path), "0755")};
}

std::string MakeSource::look() const { return ls_dir(path); }

void WriteFile::apply(Live&) const {
  const UniqueFd fd =
      files::open_at(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  check(::fchmod(fd.get(), mode), "chmod ", path);  // whatever the umask
  files::write_all(fd.get(), content, path);
}

std::string WriteFile::shell() const {
  return cat("printf %s ", shell_quote(content), " > ", shell_quote(path), "\nchmod ", octal(mode),
             " ", shell_quote(path));
}

std::vector<std::string> WriteFile::calls() const {
  const std::string file = unknown(name_of(path));
  std::vector<std::string> list = {
      call("openat", "AT_FDCWD", c_string(path), "O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC",
           c_octal(mode)),
      call("fchmod", file, c_octal(mode))};
  if (!content.empty()) {
    list.push_back(call("write", file, c_string(content, most_of_content), content.size()));
  }
  return list;
}

std::string WriteFile::look() const {
  return cat(content.empty() ? "ls -l " : "cat ", shell_quote(path));
}

// LESSON: make-workdir
void MakeDirInRoot::apply(Live& live) const {
  const UniqueFd found(files::try_open_in_root(root_of(live), path, O_PATH));
  if (!found && errno == ELOOP) {
    throw SysError(ELOOP, cat("open ", path, " in the container"),
                   "it is a loop of symlinks, or a link of /proc, which may lead out of the "
                   "container: such a working directory is refused");
  }
  if (!found) {
    files::make_dir_in_root(root_of(live), path);
    return;
  }
  struct stat status {};
  check(::fstat(found.get(), &status), "stat ", path);
  if (!S_ISDIR(status.st_mode)) {
    throw Error(cat("working directory ", path, ": a file is there"),
                "choose another with -w, or change WorkingDir in the image");
  }
}

std::string MakeDirInRoot::shell() const {
  return cat(shell_inside(root, path), "\nmkdir -p \"$at\"");
}

// Each part of the path that isn't there yet. (Where the image has a symlink on the way, it is made
// where that leads.)
std::vector<std::string> MakeDirInRoot::calls() const {
  std::vector<std::string> list;
  std::string parent = "/";
  const std::string cleaned = clean_absolute(path);
  for (const std::string_view part : split(cleaned, '/')) {
    if (part.empty()) continue;
    append(list, only_if("it is missing", {call("mkdirat", unknown(short_path(root, parent)),
                                                c_string(part), "0755")}));
    parent += cat(parent == "/" ? "" : "/", part);
  }
  return list;
}

std::string MakeDirInRoot::look() const {
  return cat("ls -ld ", path_in_namespace(host_path(root, path)));
}

}  // namespace minirun::mount
