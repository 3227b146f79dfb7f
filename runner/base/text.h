// Small things with strings: splitting, quoting for a shell, cleaning of paths.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minirun {

/// A word as a POSIX shell reads it back: quoted only where it has to be.
std::string shell_quote(std::string_view word);

/// The words of a command line, quoted and joined with spaces.
std::string shell_words(const std::vector<std::string>& words);

/// The parts between separators; empty parts are kept: split("a::b", ':') is {"a", "", "b"}.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Deleted: the parts are views into the string, and a temporary one is destroyed after the call.
template <typename Temporary>
requires std::same_as<std::remove_const_t<Temporary>, std::string> std::vector<std::string_view>
split(Temporary&& text, char separator)
= delete;

/// The fields of a line of comma-separated values (RFC 4180). A field with a comma or a quote is
/// quoted as a whole, and a quote in it is written twice. nullopt if a quote is at another place.
std::optional<std::vector<std::string>> split_csv(std::string_view line);

/// "true" or "false" in the forms that Go's strconv.ParseBool takes, as Docker's options do: 1, t,
/// T, true, True, TRUE.
std::optional<bool> parse_bool(std::string_view text);

/// The path without empty and "." parts. ".." removes the part before it, but never leads above the
/// root: "/a/../../b" is "/b". The result is absolute. Symlinks are not followed, so use it only
/// for what a person types; the paths of an image go through openat2(2).
std::string clean_absolute(std::string_view path);

/// "/a/b" is in "/a", and "/a//b" too; "b" is in ".".
std::string parent_of(const std::string& path);
/// The last part: "b" of "/a/b".
std::string name_of(const std::string& path);

/// A decimal number of digits only. nullopt if the text is anything else, or more than `max`.
std::optional<uint64_t> parse_number(std::string_view text, uint64_t max = UINT64_MAX);

/// The digits of a mode as chmod(1) takes them: "755".
std::string octal(uint32_t mode);

/// Bytes as people read them: "684 kB", "69.1 MB" (units of 1000, as docker images prints).
std::string human_size(uint64_t bytes);

/// A time as people read it: "164 µs", "12.3 ms", "4.5 s". Three digits below a second, then two.
std::string human_time(std::chrono::microseconds time);

/// The kind of a file as ls(1) shows it: d, l, c, b, p, s, and - for a regular file.
char type_letter(mode_t mode);

/// The length of the character at the start of `text` (not empty), 0 if that is no valid UTF-8 (RFC
/// 3629, section 4) or a control character of two bytes.
size_t utf8_length(std::string_view text);

/// For messages: control characters and invalid UTF-8 become \xNN, so a hostile name can't send
/// escape sequences to the terminal.
std::string printable(std::string_view text);

}  // namespace minirun
