#include "image/document/parse.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

using nlohmann::json;

constexpr size_t max_depth = 64;
constexpr size_t max_values = 200'000;  // 4 MiB of "[]," would else be 60 MB of nodes

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

/// Builds the document from the parser's events, and refuses as it goes: a document that is wrong
/// never exists.
class StrictBuilder : public nlohmann::json_sax<json> {
 public:
  StrictBuilder(ParsedJson& parsed, const std::string& name)
      : root_(parsed.root), twice_(parsed.twice), name_(name) {}

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

ParsedJson::ParsedJson(std::string_view text, const std::string& name) {
  if (text.size() > max_json_size) {
    throw ImageError(cat(name, ": is ", human_size(text.size()), " of JSON; at most ",
                         human_size(max_json_size), " are read"));
  }
  // The parser takes a NUL for the text's end, and would not see what comes after it.
  if (text.find('\0') != std::string_view::npos) {
    throw ImageError(cat(name, ": is not valid JSON: it has a NUL byte"));
  }
  StrictBuilder builder(*this, name);
  if (!json::sax_parse(with_marks(text), &builder))
    throw ImageError(cat(name, ": is not valid JSON"));
}

}  // namespace minirun::image
