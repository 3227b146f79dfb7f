#include "image/document/reference.h"

#include <algorithm>

#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr size_t max_name = 255;
constexpr size_t max_tag = 128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return (c >= 'a' && c <= 'z') || is_digit(c); }
bool is_word(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

/// [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}
bool is_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > max_tag || tag[0] == '.' || tag[0] == '-') return false;
  return std::all_of(tag.begin(), tag.end(),
                     [](char c) { return is_word(c) || c == '_' || c == '.' || c == '-'; });
}

/// Runs of [a-z0-9] with ".", "_", "__" or any number of "-" between them.
bool is_path_component(std::string_view part) {
  if (part.empty() || !is_lower(part.front()) || !is_lower(part.back())) return false;
  for (size_t i = 0; i < part.size();) {
    size_t end = i;
    while (end < part.size() && !is_lower(part[end])) ++end;
    const std::string_view between = part.substr(i, end - i);
    const bool dashes = between.find_first_not_of('-') == std::string_view::npos;
    if (!dashes && between != "." && between != "_" && between != "__") return false;
    i = end + 1;
  }
  return true;
}

/// host[:port], the host of letters, digits, "-" and "."
bool is_domain(std::string_view domain) {
  const size_t colon = domain.find(':');
  if (colon != std::string_view::npos && !parse_number(domain.substr(colon + 1), 65535))
    return false;
  for (const std::string_view part : split(domain.substr(0, colon), '.')) {
    if (part.empty() || !is_word(part.front()) || !is_word(part.back())) return false;
    if (!std::all_of(part.begin(), part.end(), [](char c) { return is_word(c) || c == '-'; }))
      return false;
  }
  return true;
}

/// Only a first part that cannot be a Docker Hub user is a registry's name: it has a dot, a port,
/// capitals, or is localhost.
bool names_a_domain(std::string_view first) {
  return first == "localhost" || first.find_first_of(".:") != std::string_view::npos ||
         std::any_of(first.begin(), first.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

std::optional<std::string> normalise(std::string_view reference) {
  std::string_view tag = "latest";
  const size_t colon = reference.rfind(':');
  if (colon != std::string_view::npos && reference.find('/', colon) == std::string_view::npos) {
    tag = reference.substr(colon + 1);
    reference = reference.substr(0, colon);
  }
  std::string_view domain = "docker.io";
  const size_t slash = reference.find('/');
  if (slash != std::string_view::npos && names_a_domain(reference.substr(0, slash))) {
    domain = reference.substr(0, slash);
    reference = reference.substr(slash + 1);
  }
  if (domain == "index.docker.io") domain = "docker.io";
  const bool hub = domain == "docker.io";
  if (hub && reference.starts_with("library/")) reference.remove_prefix(8);

  const auto parts = split(reference, '/');
  if (!is_tag(tag) || !is_domain(domain) || reference.size() + domain.size() > max_name) return {};
  if (!std::all_of(parts.begin(), parts.end(), is_path_component)) return {};
  // 64 hex digits are an image's id, so they can't be a name too.
  if (hub && reference.size() == 64 && std::all_of(reference.begin(), reference.end(), is_hex))
    return {};
  const std::string name =
      hub ? std::string(reference) : std::string(domain) + "/" + std::string(reference);
  return name + ":" + std::string(tag);
}

bool is_id_prefix(std::string_view text) {
  if (text.starts_with("sha256:")) text.remove_prefix(7);
  return text.size() >= 4 && text.size() <= 64 && std::all_of(text.begin(), text.end(), is_hex);
}

}  // namespace minirun::image
