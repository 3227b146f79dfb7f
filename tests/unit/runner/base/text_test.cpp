#include "runner/base/text.h"

#include "tests/unit/catch.h"

using namespace minirun;

TEST_CASE("comma-separated values: a field with a comma or a quote is quoted as a whole") {
  using Fields = std::vector<std::string>;
  CHECK(split_csv("a=1,b") == Fields{"a=1", "b"});
  CHECK(split_csv("\"a=/x,y\",b") == Fields{"a=/x,y", "b"});
  CHECK(split_csv("\"a \"\"q\"\"\"") == Fields{"a \"q\""});
  CHECK(split_csv("a,,") == Fields{"a", "", ""});
  for (const char* bad : {"a\"b", "\"a", "\"a\"b", "a,\""}) {
    INFO(bad);
    CHECK_FALSE(split_csv(bad).has_value());
  }
}

TEST_CASE("true and false in Go's forms") {
  for (const char* word : {"1", "t", "T", "true", "True", "TRUE"}) CHECK(parse_bool(word) == true);
  for (const char* word : {"0", "f", "F", "false", "False", "FALSE"})
    CHECK(parse_bool(word) == false);
  for (const char* word : {"", "yes", "tRUE", "2", "true "})
    CHECK_FALSE(parse_bool(word).has_value());
}

TEST_CASE("a shell reads back what was quoted") {
  CHECK(shell_quote("plain/path-1.2:3") == "plain/path-1.2:3");
  CHECK(shell_quote("") == "''");
  CHECK(shell_quote("two words") == "'two words'");
  CHECK(shell_quote("it's") == "'it'\\''s'");
  CHECK(shell_quote("$HOME") == "'$HOME'");
  CHECK(shell_words({"sh", "-c", "echo x"}) == "sh -c 'echo x'");
}

TEST_CASE("split keeps empty parts") {
  CHECK(split("a::b", ':') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ':') == std::vector<std::string_view>{""});
  CHECK(split("a:", ':') == std::vector<std::string_view>{"a", ""});
}

TEST_CASE("a typed path is cleaned without leaving the root") {
  CHECK(clean_absolute("/a/./b//c/") == "/a/b/c");
  CHECK(clean_absolute("/a/../../b") == "/b");
  CHECK(clean_absolute("..") == "/");
  CHECK(clean_absolute("") == "/");
}

TEST_CASE("a number is nothing but digits and fits") {
  CHECK(parse_number("0") == 0U);
  CHECK(parse_number("4294967295", 4294967295U) == 4294967295U);
  CHECK(parse_number("18446744073709551615") == UINT64_MAX);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "0x1", "1.5", "18446744073709551616"}) {
    INFO(bad);
    CHECK_FALSE(parse_number(bad));
  }
  CHECK_FALSE(parse_number("4294967296", 4294967295U));
}

TEST_CASE("sizes read as docker images prints them") {
  CHECK(human_size(0) == "0 B");
  CHECK(human_size(999) == "999 B");
  CHECK(human_size(1000) == "1.0 kB");
  CHECK(human_size(683'000) == "683 kB");
  CHECK(human_size(69'100'000) == "69.1 MB");
  CHECK(human_size(999'999) == "1.0 MB");
}

TEST_CASE("a hostile name can't steer the terminal") {
  CHECK(printable("naïve 日本 \xf0\x9f\x90\xb3") == "naïve 日本 \xf0\x9f\x90\xb3");
  CHECK(printable("\x1b[2J") == "\\x1b[2J");
  CHECK(printable(std::string_view("a\0b\n", 4)) == "a\\x00b\\x0a");
  CHECK(printable("\xc2\x9b"
                  "2J") == "\\xc2\\x9b2J");  // CSI in one character
  CHECK(printable("\xff\xc3") == "\\xff\\xc3");
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // a surrogate
}
