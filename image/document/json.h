// JSON from strangers, read strictly.
//
// nlohmann/json parses what it is given: 10^6 brackets deep, the same key twice, 2^32 into an int
// as 0. Here the text is bounded (4 MiB, the image-spec's own advice for manifests), its depth is
// (64), its values are counted, a key stands once, and every value is taken with its type checked;
// an error names the document and the JSON pointer (RFC 6901) of the value.
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

/// A value and where it stands. Absent and null are the same: what is asked of them is empty.
class JsonValue {
 public:
  JsonValue(const nlohmann::json* value, std::string document, std::string pointer);

  explicit operator bool() const { return value_ != nullptr; }  ///< present and not null
  JsonValue operator[](
      std::string_view key) const;       ///< a member of an object; ImageError if it is no object
  std::vector<JsonValue> items() const;  ///< of an array; empty where absent
  std::vector<std::pair<std::string, JsonValue>> members()
      const;  ///< of an object; empty where absent

  std::string string() const;                ///< "" where absent. ImageError for a NUL in it
  std::vector<std::string> strings() const;  ///< of an array of strings
  /// Of an array of strings, or of one string, which counts as a list of it: Docker's StrSlice.
  std::vector<std::string> string_or_strings() const;
  std::map<std::string, std::string> string_map() const;
  uint64_t unsigned_number() const;  ///< 0 where absent; ImageError for -1, 1.5, 2^64
  bool boolean() const;              ///< false where absent
  std::string text() const;          ///< the value as JSON again, compact

  /// An ImageError: "manifest.json: /0/Layers: is a number; an array belongs there".
  [[noreturn]] void fail(std::string_view what) const;
  const std::string& document() const { return document_; }

 private:
  const nlohmann::json* value_;
  std::string document_;
  std::string pointer_;
};

/// Parsed text that owns what its values point into.
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
