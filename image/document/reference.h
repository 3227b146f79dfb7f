// What people call an image: "hello", "hello:latest", "docker.io/library/hello:1", or the first
// digits of its id.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace minirun::image {

/// The familiar form with its tag: "docker.io/library/busybox" and "busybox" are "busybox:latest",
/// "localhost/x:1" stays. nullopt if it is not a valid reference (distribution/reference,
/// "Grammar").
std::optional<std::string> normalise(std::string_view reference);

/// Whether `text` can be the start of an image id: 4 to 64 lower-case hexadecimal digits, "sha256:"
/// before them or not.
bool is_id_prefix(std::string_view text);

}  // namespace minirun::image
