// JSON put together from text, so that what is wrong in it can be exactly what a test wants: a key
// twice, NaN, a NUL.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace minirun::forge {

/// Keys, and values that are JSON already.
using Members = std::vector<std::pair<std::string, std::string>>;

inline std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + "\"";
}

inline std::string array(const std::vector<std::string>& values) {
  std::string json;
  for (const std::string& value : values) json += (json.empty() ? "" : ",") + value;
  return "[" + json + "]";
}

inline std::string object(const Members& members) {
  std::string json;
  for (const auto& [key, value] : members) {
    json += (json.empty() ? "" : ",") + json_string(key) + ":" + value;
  }
  return "{" + json + "}";
}

}  // namespace minirun::forge
