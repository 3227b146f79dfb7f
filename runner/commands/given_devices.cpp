#include "runner/commands/given_devices.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

mount::GivenDevice device_at(const std::string& source, const struct stat& status) {
  mount::GivenDevice device;
  device.source = source;
  device.type = S_ISBLK(status.st_mode) ? 'b' : 'c';
  device.major = ::major(status.st_rdev);
  device.minor = ::minor(status.st_rdev);
  device.mode = status.st_mode & 07777;
  device.uid = status.st_uid;
  device.gid = status.st_gid;
  return device;
}

bool is_device(const struct stat& status) {
  return S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
}

/// All devices below a directory of the host, for --device /dev/snd. Directories that the container
/// has its own of are left out.
void add_devices_in(const std::string& source, const std::string& path, int depth,
                    std::vector<mount::GivenDevice>& devices) {
  static constexpr std::array<std::string_view, 4> own = {"/dev/pts", "/dev/shm", "/dev/mqueue",
                                                          "/dev/fd"};
  constexpr int deepest = 8;
  if (std::find(own.begin(), own.end(), source) != own.end() || depth > deepest) return;
  const auto dir = files::open_if_exists(AT_FDCWD, source, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!dir) return;
  for (const std::string& name : files::list_dir(dir->get(), ".")) {
    const auto status = files::stat_at(dir->get(), name);
    if (!status) continue;
    const std::string from = cat(source, "/", name), to = cat(path, "/", name);
    if (S_ISDIR(status->st_mode)) {
      add_devices_in(from, to, depth + 1, devices);
    } else if (is_device(*status)) {
      devices.push_back(device_at(from, *status));
      devices.back().path = to;
    }
  }
}

/// Those that every container has, or that are its terminal.
bool is_own_device(const mount::GivenDevice& device) {
  static constexpr std::array<std::string_view, 9> own = {
      "/dev/null", "/dev/zero", "/dev/full",    "/dev/random", "/dev/urandom",
      "/dev/tty",  "/dev/ptmx", "/dev/console", "/dev/core"};
  return std::find(own.begin(), own.end(), device.path) != own.end();
}

[[noreturn]] void refuse(std::string_view text, std::string_view why, const std::string& hint) {
  throw UsageError(cat("--device ", printable(text), ": ", why), hint);
}

}  // namespace

mount::GivenDevice parse_device(std::string_view text) {
  const auto parts = split(text, ':');
  const auto is_access = [](std::string_view word) {
    return !word.empty() && word.size() <= 3 &&
           word.find_first_not_of("rwm") == std::string_view::npos;
  };
  mount::GivenDevice device;
  device.source = parts[0];
  device.path = device.source;
  if (parts.size() == 2 && is_access(parts[1])) {
    device.access = parts[1];
  } else if (parts.size() >= 2) {
    device.path = parts[1];
  }
  if (parts.size() == 3) device.access = parts[2];
  if (parts.size() > 3 || !is_access(device.access) || !device.source.starts_with('/')) {
    refuse(text, "not a device",
           "write SOURCE, SOURCE:PATH or SOURCE:PATH:rwm: /dev/sdb:/dev/disk:r");
  }
  device.path = clean_absolute(device.path);
  if (!device.path.starts_with("/dev/")) {
    refuse(text, "only /dev has devices in a container",
           "every other mount is nodev; choose a path below /dev");
  }
  return device;
}

std::vector<mount::GivenDevice> given_devices(const Options& options) {
  std::vector<mount::GivenDevice> devices;
  for (const std::string& text : options.devices) {
    const mount::GivenDevice wanted = parse_device(text);
    struct stat status {};
    if (::stat(wanted.source.c_str(), &status) == -1) {
      refuse(text, cat("there is no ", wanted.source, " on this machine"),
             "ls -l /dev shows the devices");
    }
    const size_t before = devices.size();
    if (S_ISDIR(status.st_mode)) {
      add_devices_in(wanted.source, wanted.path, 0, devices);
    } else if (is_device(status)) {
      devices.push_back(device_at(wanted.source, status));
      devices.back().path = wanted.path;
    }
    if (devices.size() == before) {
      refuse(text, cat(wanted.source, " is no device, and holds none"),
             "a file or directory of yours goes in with -v");
    }
    for (size_t i = before; i < devices.size(); ++i) devices[i].access = wanted.access;
  }
  if (options.privileged) {
    add_devices_in("/dev", "/dev", 0, devices);
    std::erase_if(devices, is_own_device);
  }
  return devices;
}

}  // namespace minirun
