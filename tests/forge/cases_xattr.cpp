// Cases 50 to 52: extended attributes that would speak to the host's kernel instead of the
// container.
#include "runner/base/error.h"
#include "tests/forge/cases.h"

namespace minirun::forge {
namespace {

Tar lower() {
  return Tar()
      .dir("d/")
      .file("d/old", "old\n")
      .dir("secret/")
      .file("secret/s", "s\n")
      .file("f", "f\n");
}

/// A directory d, and a file f, with attributes of overlayfs' own under `prefix`.
Tar overlay_attributes(const std::string& prefix) {
  const auto xattr = [&](std::string_view name, std::string_view value) {
    return pax_record(cat("SCHILY.xattr.", prefix, ".overlay.", name), value);
  };
  return Tar()
      .pax(xattr("opaque", "y"))
      .dir("d/")
      .file("d/new", "new\n")
      .pax(xattr("redirect", "/secret"))
      .dir("redirected/")
      .pax(xattr("metacopy", ""))
      .file("f", "upper\n")
      .pax(xattr("whiteout", "y"))
      .file("w", "w\n");
}

Tar foreign_attributes() {
  return Tar().file_with_xattrs("attributes", {{"security.selinux", "system_u:object_r:etc_t:s0"},
                                               {"security.ima", "x"},
                                               {"trusted.other", "x"},
                                               {"user.kept", "kept"},
                                               {"", "nameless"}});
}

Tar capability(const std::string& value) {
  return Tar().file_with_xattrs("capable", {{"security.capability", value}});
}

constexpr Case cases[] = {
    {"case-50-trusted-overlay", "trusted.overlay.{opaque,redirect,metacopy}",
     [](const Options& o) {
       return on_shell(o, {lower(), overlay_attributes("trusted")});
     }},
    {"case-51-user-overlay", "user.overlay.{opaque,redirect,metacopy}",
     [](const Options& o) {
       return on_shell(o, {lower(), overlay_attributes("user")});
     }},
    {"case-52-foreign", "security.selinux, security.ima, trusted.other, an empty name",
     [](const Options& o) { return on_shell(o, {foreign_attributes()}); }},
    {"case-52-capability-short", "security.capability of 3 bytes",
     [](const Options&) { return on_hello(capability("abc")); }},
    {"case-52-capability-revision", "security.capability of an unknown revision",
     [](const Options&) { return on_hello(capability(std::string(20, '\xff'))); }},
};

}  // namespace

std::span<const Case> xattr_cases() { return cases; }

}  // namespace minirun::forge
