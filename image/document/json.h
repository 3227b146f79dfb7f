// Reads JSON from untrusted archives, strictly.
//
// nlohmann/json accepts 10^6 nested brackets and the same key twice, and reads 2^32 into an int as
// 0. Here there are limits for the text (4 MiB, the image-spec's advice for manifests), for the
// depth (64) and for the number of values. A key may come only once. Each value's type is checked.
// An error names the document and the JSON pointer (RFC 6901) of the value.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minirun::image {

constexpr size_t max_json_size = 4 << 20;

/// A value and its place in the document. Absent and null count as the same: such a value is empty.
class JsonValue {
 public:
  JsonValue(const nlohmann::json* value, std::string document, std::string pointer);

  explicit operator bool() const { return value_ != nullptr; }  ///< present and not null
  JsonValue operator[](
      std::string_view key) const;       ///< a member of an object; ImageError if it is no object
  std::vector<JsonValue> items() const;  ///< of an array; empty if absent
  std::vector<std::pair<std::string, JsonValue>> members()
      const;  ///< of an object; empty if absent

  std::string string() const;                ///< "" if absent. ImageError if it has a NUL
  std::vector<std::string> strings() const;  ///< of an array of strings
  /// The strings of an array. A single string counts as an array of one: Docker's StrSlice.
  std::vector<std::string> string_or_strings() const;
  std::map<std::string, std::string> string_map() const;
  uint64_t unsigned_number() const;  ///< 0 if absent; ImageError for -1, 1.5, 2^64
  bool boolean() const;              ///< false if absent
  std::string text() const;          ///< the value as JSON again, compact

  /// An ImageError: "manifest.json: /0/Layers: is a number; an array belongs there".
  [[noreturn]] void fail(std::string_view what) const;
  const std::string& document() const { return document_; }

 private:
  const nlohmann::json* value_;
  std::string document_;
  std::string pointer_;
};

/// A parsed text. Its values point into it, so it has to live longer than they do.
class JsonDocument {
 public:
  /// Throws ImageError that begins with `name`.
  JsonDocument(std::string_view text, const std::string& name);
  JsonValue root() const { return {&json_, name_, ""}; }

 private:
  nlohmann::json json_;
  std::string name_;
};

}  // namespace minirun::image
