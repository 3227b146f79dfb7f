// Without root a cgroup can't be made, so what is tried here is the path work, on plain
// directories; where the tests run as root with a writable cgroup v2, the real thing is tried as
// well.
#include "namespaces/cgroup.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespaces/hierarchy.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/locked_dir.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch.h"

namespace minirun::ns {

namespace {

bool exists(const std::string& path) { return files::stat_at(AT_FDCWD, path).has_value(); }

/// A group that may be made here, if one may.
std::optional<std::string> a_real_group() {
  const auto mount = cgroup2_mount();
  if (!mount || ::access((*mount + "/cgroup.procs").c_str(), W_OK) != 0) return {};
  return *mount + "/minirun-test-" + files::random_hex(12) + "/group";
}

struct RealGroup {
  std::string path;
  explicit RealGroup(std::string made) : path(std::move(made)) {}
  ~RealGroup() {
    ::rmdir(path.c_str());
    ::rmdir(path.substr(0, path.find_last_of('/')).c_str());
  }
};

pid_t start_in(const std::string& group) {
  const pid_t child = ::fork();
  if (child != 0) {
    const auto procs = files::open_at(AT_FDCWD, group + "/cgroup.procs", O_WRONLY);
    files::write_all(procs.get(), std::to_string(child), "cgroup.procs");
    return child;
  }
  for (;;) ::pause();
}

int status_of(pid_t child) {
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("where a cgroup v2 is found, it is one") {
  const auto mount = cgroup2_mount();
  if (!mount) return;
  CHECK(exists(*mount + "/cgroup.procs"));
  CHECK(exists(*mount + "/cgroup.controllers"));
}

TEST_CASE("a group is made with the directories above it, and not twice") {
  const scratch::Dir dir;
  const MakeCgroup make{{dir.path() + "/minirun/abc"}};
  Live live;
  make.apply(live);
  CHECK(exists(make.paths.front()));
  try {
    make.apply(live);
    FAIL("made twice");
  } catch (const SysError& error) {
    CHECK(error.number() == EEXIST);
    CHECK(error.hint().find("minirun gc") != std::string::npos);
  }
}

TEST_CASE("undo removes a group with the groups inside it, and is content if it is gone") {
  const scratch::Dir dir;
  const MakeCgroup make{{dir.path() + "/minirun/abc"}};
  Live live;
  make.apply(live);
  files::make_dirs(make.paths.front() + "/a/b/c", 0755);
  files::make_dirs(make.paths.front() + "/d", 0755);
  make.undo(live);
  CHECK_FALSE(exists(make.paths.front()));
  CHECK(exists(dir.path() + "/minirun"));
  make.undo(live);
}

TEST_CASE("removal of what is no group says what failed on what") {
  const scratch::Dir dir;
  files::open_at(AT_FDCWD, dir.path() + "/file", O_WRONLY | O_CREAT, 0600);
  try {
    remove_cgroup(dir.path() + "/file");
    FAIL("removed");
  } catch (const SysError& error) {
    CHECK(error.number() == ENOTDIR);
    CHECK(error.attempt() == "rmdir " + dir.path() + "/file");
  }
}

TEST_CASE("as root: a living process in a group inside the group is killed and both are removed") {
  const auto path = a_real_group();
  if (!path) return;
  const RealGroup group(*path);
  Live live;
  MakeCgroup{{group.path}}.apply(live);
  files::make_dirs(group.path + "/inner/most", 0755);
  const pid_t outer = start_in(group.path);
  const pid_t inner = start_in(group.path + "/inner/most");
  remove_cgroup(group.path);
  CHECK_FALSE(exists(group.path));
  for (const pid_t child : {outer, inner}) {
    const int status = status_of(child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
  }
}

TEST_CASE("the shell forms quote the path and pass over a group that is gone") {
  const MakeCgroup make{{"/sys/fs/cgroup/a b"}};
  CHECK(make.shell() == "mkdir -p '/sys/fs/cgroup/a b'");
  const scratch::Dir dir;
  const MakeCgroup gone{{dir.path() + "/gone"}};
  CHECK(::system(gone.undo_shell().c_str()) == 0);  // NOLINT: the tests have one thread
}

}  // namespace minirun::ns
