#include "image/document/json.h"

#include <algorithm>
#include <charconv>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

using nlohmann::json;

constexpr size_t max_depth = 64;
constexpr size_t max_values = 200'000;  // 4 MiB of "[]," would else be 60 MB of nodes

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

/// U+FFFF, which is no character (Unicode, 23.7): it stands for what is no text.
constexpr std::string_view no_character = "\xef\xbf\xbf";

/// The four hexadecimal digits of "\uXXXX" at the start of `text`; nullopt if it is no such escape.
std::optional<unsigned> escaped_unit(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
  unsigned unit = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  if (error != std::errc() || end != text.data() + 6) return std::nullopt;
  return unit;
}

bool is_high_surrogate(unsigned unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(unsigned unit) { return unit >= 0xdc00 && unit < 0xe000; }

/// How many bytes at the start of `text` belong together; 0 if they are no UTF-8.
size_t character_length(std::string_view text) {
  if (static_cast<unsigned char>(text[0]) < 0x80) return 1;
  const bool is_control = text.size() > 1 && text[0] == '\xc2' &&
                          static_cast<unsigned char>(text[1]) >= 0x80 &&
                          static_cast<unsigned char>(text[1]) < 0xa0;  // U+0080 to U+009F
  return is_control ? 2 : utf8_length(text);
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

/// Builds the document from the parser's events, and refuses as it goes: a document that is wrong
/// never exists.
class StrictBuilder : public nlohmann::json_sax<json> {
 public:
  StrictBuilder(json& root, TwiceKeys& twice, const std::string& name)
      : root_(root), twice_(twice), name_(name) {}

  bool null() override { return add(nullptr) != nullptr; }
  bool boolean(bool value) override { return add(value) != nullptr; }
  bool number_integer(number_integer_t value) override { return add(value) != nullptr; }
  bool number_unsigned(number_unsigned_t value) override { return add(value) != nullptr; }
  bool number_float(number_float_t value, const string_t&) override {
    return add(value) != nullptr;
  }
  bool string(string_t& value) override { return add(std::move(value)) != nullptr; }
  bool binary(binary_t&) override { return false; }  // not in text

  bool start_object(size_t) override { return open(json::object()); }
  bool start_array(size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    const auto [place, is_new] = open_.back()->emplace(name, nullptr);
    if (!is_new) twice_.emplace(open_.back()->get_ptr<const json::object_t*>(), name);
    slot_ = &*place;
    return true;
  }

  bool parse_error(size_t position, const std::string&, const json::exception& error) override {
    // The library's words begin with a tag for programmers: "[json.exception.parse_error.101] parse
    // error at ...".
    const std::string_view words = error.what();
    const size_t tag = words.find("] ");
    refuse(cat("is not valid JSON at byte ", position, ": ",
               printable(tag == std::string_view::npos ? words : words.substr(tag + 2))));
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw ImageError(cat(name_, ": ", what));
  }

  template <typename Value>
  json* add(Value&& value) {
    if (++values_ > max_values) refuse(cat("holds more than ", max_values, " values"));
    json* place = &root_;
    if (!open_.empty() && open_.back()->is_array()) {
      place = &open_.back()->emplace_back(nullptr);
    } else if (!open_.empty()) {
      place = slot_;
    }
    *place = std::forward<Value>(value);
    return place;
  }

  bool open(json&& container) {
    if (open_.size() == max_depth) refuse(cat("is nested deeper than ", max_depth));
    open_.push_back(add(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  json& root_;
  TwiceKeys& twice_;
  const std::string& name_;
  std::vector<json*> open_;  // the objects and arrays that we are in, outermost first
  json* slot_ = nullptr;     // where the value of the last key belongs
  size_t values_ = 0;
};

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

std::string with_marks(std::string_view text) {
  std::string marked;
  marked.reserve(text.size());
  while (!text.empty()) {
    size_t length = 0;
    if (const auto unit = escaped_unit(text)) {
      const auto next = escaped_unit(text.substr(6));
      const bool is_pair = is_high_surrogate(*unit) && next && is_low_surrogate(*next);
      const bool is_half = !is_pair && (is_high_surrogate(*unit) || is_low_surrogate(*unit));
      length = is_pair ? 12 : 6;
      marked += is_half ? "\\uffff" : text.substr(0, length);
    } else if (text[0] == '\\' && text.size() > 1) {
      length = 1 + std::max<size_t>(1, character_length(text.substr(1)));
      marked += text.substr(0, length);
    } else if (length = character_length(text); length != 0) {
      marked += text.substr(0, length);
    } else {
      length = 1;
      marked += no_character;
    }
    text.remove_prefix(length);
  }
  return marked;
}

JsonDocument::JsonDocument(std::string_view text, const std::string& name)
    : name_(printable(name)) {
  if (text.size() > max_json_size) {
    throw ImageError(cat(name_, ": is ", human_size(text.size()), " of JSON; at most ",
                         human_size(max_json_size), " are read"));
  }
  // The parser takes a NUL for the text's end, and would not see what comes after it.
  if (text.find('\0') != std::string_view::npos) {
    throw ImageError(cat(name_, ": is not valid JSON: it has a NUL byte"));
  }
  StrictBuilder builder(json_, twice_, name_);
  if (!json::sax_parse(with_marks(text), &builder))
    throw ImageError(cat(name_, ": is not valid JSON"));
}

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
