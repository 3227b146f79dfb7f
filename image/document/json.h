// Reads values from JSON of untrusted archives, strictly.
//
// nlohmann/json reads 2^32 into an int as 0. Here a value is checked when it is read: its type,
// that its key comes only once, that its text is text. A label that nobody reads may be anything.
//
// The tools that write and read images are written in Go, whose decoder finds the key of a struct
// without regard to case: guix writes "entrypoint". A "user" that is overlooked here would run as
// root. So keys are found as Go finds them (encoding/json, "Unmarshal").
//
// An error names the document and the JSON pointer (RFC 6901) of the value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "image/document/parse.h"

namespace minirun::image {

/// A value and its place in the document. Absent and null count as the same: such a value is empty.
class JsonValue {
 public:
  JsonValue(const nlohmann::json* value, std::string document, std::string pointer,
            const TwiceKeys* twice);

  explicit operator bool() const { return value_ != nullptr; }  ///< present and not null
  bool is_object() const { return value_ != nullptr && value_->is_object(); }
  /// A member of an object that is a struct in Go: the key in any case, as Go's decoder takes it.
  /// ImageError if this is no object, or has the key twice, be it in another case: which of the two
  /// counts depends on the reader.
  JsonValue operator[](std::string_view key) const;
  /// A member of an object that is a map in Go, as annotations are: exactly this key.
  JsonValue entry(std::string_view key) const;
  std::vector<JsonValue> items() const;  ///< of an array; empty if absent
  std::vector<std::pair<std::string, JsonValue>> members()
      const;  ///< of an object; empty if absent

  std::string string() const;  ///< "" if absent. ImageError if it has a NUL, or is no Unicode
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
  void require_object() const;
  JsonValue member(const std::string& key, const nlohmann::json& value) const;

  const nlohmann::json* value_;
  std::string document_;
  std::string pointer_;
  const TwiceKeys* twice_;
};

/// A parsed text. Its values point into it, so it has to live longer than they do.
class JsonDocument {
 public:
  /// Throws ImageError that begins with `name`.
  JsonDocument(std::string_view text, const std::string& name);
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;
  JsonValue root() const { return {&parsed_.root, name_, "", &parsed_.twice}; }

 private:
  std::string name_;
  ParsedJson parsed_;
};

}  // namespace minirun::image
