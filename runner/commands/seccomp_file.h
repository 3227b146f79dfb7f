// --security-opt seccomp=FILE: a profile in Docker's form of JSON.
//
// Source: docs.docker.com, "Seccomp security profiles for Docker"; moby, profiles/seccomp.
#pragma once

#include <string>
#include <string_view>

#include "namespaces/caps.h"
#include "namespaces/seccomp_profile.h"

namespace minirun {

/// Who a profile's "includes" and "excludes" are held against.
struct ProfileFor {
  ns::CapSet caps = 0;
  std::string kernel;  ///< "6.1.0-18-amd64"
};

/// Throws ImageError that begins with `name`: no JSON, an unknown field, a wrong type.
ns::SeccompProfile parse_seccomp_profile(std::string_view text, const std::string& name,
                                         const ProfileFor& whom);
/// Reads a file for this machine's kernel. Throws SysError, ImageError.
ns::SeccompProfile read_seccomp_profile(const std::string& path, ns::CapSet caps);

}  // namespace minirun
