// The platform of an image, with Go's names, and the platform of this machine.
//
// Sources: image-spec, image-index.md "Platform Variants"; golang.org/doc/install/source "GOOS and
// GOARCH".
#include <sys/utsname.h>

#include <array>
#include <cctype>

#include "image/document/config.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

struct Machine {
  std::string_view uname;
  std::string_view architecture;
  std::string_view variant;
};

constexpr std::array<Machine, 11> machines = {{{"x86_64", "amd64", ""},
                                               {"aarch64", "arm64", "v8"},
                                               {"i686", "386", ""},
                                               {"i586", "386", ""},
                                               {"i386", "386", ""},
                                               {"armv7l", "arm", "v7"},
                                               {"armv6l", "arm", "v6"},
                                               {"riscv64", "riscv64", ""},
                                               {"ppc64le", "ppc64le", ""},
                                               {"s390x", "s390x", ""},
                                               {"loongarch64", "loong64", ""}}};

/// amd64's v1 and arm64's v8 are what every such machine has: the same as saying nothing.
std::string_view meaningful(const Platform& platform) {
  const bool baseline = (platform.architecture == "arm64" && platform.variant == "v8") ||
                        (platform.architecture == "amd64" && platform.variant == "v1");
  return baseline ? std::string_view() : platform.variant;
}

/// A platform as Go names it. Some builders write what uname says, or capitals, and Docker runs it
/// (containerd, platforms/database.go, "normalizeArch").
Platform as_go_names_it(Platform platform) {
  for (std::string* part : {&platform.os, &platform.architecture}) {
    for (char& c : *part) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const Machine& known : machines) {
    if (known.uname != platform.architecture) continue;
    platform.architecture = known.architecture;
    if (platform.variant.empty()) platform.variant = known.variant;
  }
  return platform;
}

bool equal_where_both_say(std::string_view one, std::string_view other) {
  return one.empty() || other.empty() || one == other;
}

}  // namespace

std::string Platform::str() const {
  const std::string name =
      cat(os.empty() ? "any" : os, "/", architecture.empty() ? "any" : architecture);
  return variant.empty() ? name : cat(name, "/", variant);
}

Platform host_platform() {
  utsname names{};
  check(::uname(&names), "uname");
  const std::string_view machine = names.machine;
  for (const Machine& known : machines) {
    if (known.uname == machine) {
      return {"linux", std::string(known.architecture), std::string(known.variant)};
    }
  }
  return {"linux", std::string(machine), ""};
}

Platform parse_platform(std::string_view text) {
  const auto parts = split(text, '/');
  bool good = parts.size() <= 3;
  for (const std::string_view part : parts) {
    good =
        good && !part.empty() &&
        part.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-") == std::string_view::npos;
  }
  if (!good) {
    throw UsageError(cat("'", printable(text), "' is not a platform"),
                     "write it as OS/ARCHITECTURE[/VARIANT], for example linux/amd64");
  }
  if (parts.size() == 1) return {"linux", std::string(parts[0]), ""};
  return {std::string(parts[0]), std::string(parts[1]),
          parts.size() == 3 ? std::string(parts[2]) : ""};
}

bool matches(const Platform& image, const Platform& wanted) {
  const Platform made_for = as_go_names_it(image);
  const Platform asked_for = as_go_names_it(wanted);
  return equal_where_both_say(made_for.os, asked_for.os) &&
         equal_where_both_say(made_for.architecture, asked_for.architecture) &&
         equal_where_both_say(meaningful(made_for), meaningful(asked_for));
}

}  // namespace minirun::image
