#include "image/document/json.h"

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

using nlohmann::json;

std::string_view kind_of(const json& value) {
  switch (value.type()) {
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "an array";
    case json::value_t::string:
      return "a string";
    case json::value_t::boolean:
      return "true or false";
    default:
      return "a number";
  }
}

/// A key as Go compares it: simple case folding, by which two letters beyond ASCII equal one in it,
/// the long s and the Kelvin sign (encoding/json, fold.go).
std::string folded(std::string_view key) {
  std::string fold;
  for (size_t i = 0; i < key.size(); ++i) {
    if (key.substr(i).starts_with("\xc5\xbf")) {
      fold += 's';
      i += 1;
    } else if (key.substr(i).starts_with("\xe2\x84\xaa")) {
      fold += 'k';
      i += 2;
    } else {
      const char c = key[i];
      fold += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return fold;
}

std::string escaped(std::string_view key) {
  std::string token;
  for (const char c : key) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

}  // namespace

JsonDocument::JsonDocument(std::string_view text, const std::string& name)
    : name_(printable(name)), parsed_(text, name_) {}

JsonValue::JsonValue(const json* value, std::string document, std::string pointer,
                     const TwiceKeys* twice)
    : value_(value == nullptr || value->is_null() ? nullptr : value),
      document_(std::move(document)),
      pointer_(std::move(pointer)),
      twice_(twice) {}

void JsonValue::fail(std::string_view what) const {
  const std::string at = pointer_.empty() ? "" : printable(pointer_) + ": ";
  throw ImageError(cat(document_, ": ", at, what));
}

void JsonValue::require_object() const {
  if (!value_->is_object()) fail(cat("is ", kind_of(*value_), "; an object belongs there"));
}

JsonValue JsonValue::member(const std::string& key, const json& value) const {
  if (twice_->contains({value_->get_ptr<const json::object_t*>(), key})) {
    fail(cat("the key \"", printable(key), "\" stands twice in one object"));
  }
  return {&value, document_, cat(pointer_, "/", escaped(key)), twice_};
}

JsonValue JsonValue::operator[](std::string_view key) const {
  JsonValue absent(nullptr, document_, cat(pointer_, "/", escaped(key)), twice_);
  if (value_ == nullptr) return absent;
  require_object();
  const std::string wanted = folded(key);
  std::optional<JsonValue> found;
  std::string written;
  for (const auto& [name, value] : value_->items()) {
    if (folded(name) != wanted) continue;
    if (found) {
      fail(cat("has the keys \"", printable(written), "\" and \"", printable(name),
               "\", which differ by case alone: programs disagree on which of them counts"));
    }
    found = member(name, value);
    written = name;
  }
  return found.value_or(absent);
}

JsonValue JsonValue::entry(std::string_view key) const {
  JsonValue absent(nullptr, document_, cat(pointer_, "/", escaped(key)), twice_);
  if (value_ == nullptr) return absent;
  require_object();
  const auto found = value_->find(key);
  return found == value_->end() ? absent : member(found.key(), *found);
}

std::vector<JsonValue> JsonValue::items() const {
  std::vector<JsonValue> items;
  if (value_ == nullptr) return items;
  if (!value_->is_array()) fail(cat("is ", kind_of(*value_), "; an array belongs there"));
  for (const json& item : *value_) {
    items.emplace_back(&item, document_, cat(pointer_, "/", items.size()), twice_);
  }
  return items;
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::members() const {
  std::vector<std::pair<std::string, JsonValue>> members;
  if (value_ == nullptr) return members;
  require_object();
  for (const auto& [key, value] : value_->items()) {
    if (key.find('\0') != std::string::npos) fail("a key has a NUL in it");
    if (key.find(no_character) != std::string::npos) fail("a key is no Unicode text");
    members.emplace_back(key, member(key, value));
  }
  return members;
}

std::string JsonValue::string() const {
  if (value_ == nullptr) return "";
  if (!value_->is_string()) fail(cat("is ", kind_of(*value_), "; a string belongs there"));
  auto text = value_->get<std::string>();
  if (text.find('\0') != std::string::npos) {
    fail("has a NUL in it, which no system call can be given");
  }
  if (text.find(no_character) != std::string::npos) {
    fail("is no text: it has bytes that are not UTF-8, half a surrogate pair, or U+FFFF");
  }
  return text;
}

std::vector<std::string> JsonValue::strings() const {
  std::vector<std::string> texts;
  for (const JsonValue& item : items()) {
    if (!item) item.fail("is null; a string belongs there");
    texts.push_back(item.string());
  }
  return texts;
}

std::vector<std::string> JsonValue::string_or_strings() const {
  if (value_ != nullptr && value_->is_string()) return {string()};
  return strings();
}

std::map<std::string, std::string> JsonValue::string_map() const {
  std::map<std::string, std::string> map;
  for (const auto& [key, value] : members()) map.emplace(key, value.string());
  return map;
}

uint64_t JsonValue::unsigned_number() const {
  if (value_ == nullptr) return 0;
  if (!value_->is_number_unsigned()) {
    const std::string found = value_->is_number() ? value_->dump() : std::string(kind_of(*value_));
    fail(cat("is ", found, "; a whole number from 0 to 2^64 - 1 belongs there"));
  }
  return value_->get<uint64_t>();
}

bool JsonValue::boolean() const {
  if (value_ == nullptr) return false;
  if (!value_->is_boolean()) fail(cat("is ", kind_of(*value_), "; true or false belongs there"));
  return value_->get<bool>();
}

std::string JsonValue::text() const { return value_ == nullptr ? "null" : value_->dump(); }

}  // namespace minirun::image
