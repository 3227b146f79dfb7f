// The names that people use for an image: "hello", "hello:latest", "docker.io/library/hello:1", or
// the first digits of its id.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace minirun::image {

/// The short form with a tag: "docker.io/library/busybox" and "busybox" become "busybox:latest";
/// "localhost/x:1" doesn't change. nullopt if it is not a valid reference (distribution/reference,
/// "Grammar").
std::optional<std::string> normalise(std::string_view reference);

/// Whether `text` can be the beginning of an image id: 4 to 64 lower-case hexadecimal digits, with
/// or without "sha256:" before them.
bool is_id_prefix(std::string_view text);

}  // namespace minirun::image
