// Parses JSON from untrusted archives, strictly.
//
// nlohmann/json accepts 10^6 nested brackets, and the same key twice. Here there are limits for the
// text (4 MiB, the image-spec's advice for manifests), for the depth (64) and for the number of
// values (200,000). A key that comes twice is noted.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace minirun::image {

constexpr size_t max_json_size = 4 << 20;

/// Stands for bytes that are not text. U+FFFF is no character (Unicode, 23.7), so no text means it.
constexpr std::string_view no_character = "\xef\xbf\xbf";

/// The text with U+FFFF for each byte that is no UTF-8, and for each half of a surrogate pair.
/// Parsers refuse both wherever they are; a maintainer's name in Latin-1 harms nobody.
std::string with_marks(std::string_view text);

/// Keys that stand twice, each with the object that it stands in. An object keeps its address, even
/// if an array that holds it grows.
using TwiceKeys = std::set<std::pair<const nlohmann::json::object_t*, std::string>>;

struct ParsedJson {
  /// Throws ImageError that begins with `name`: what is wrong, and at which byte.
  ParsedJson(std::string_view text, const std::string& name);
  ParsedJson(const ParsedJson&) = delete;
  ParsedJson& operator=(const ParsedJson&) = delete;

  nlohmann::json root;
  TwiceKeys twice;
};

}  // namespace minirun::image
