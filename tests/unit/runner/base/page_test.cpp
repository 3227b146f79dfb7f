#include "runner/base/page.h"

#include <sys/stat.h>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/commands/files.h"
#include "tests/unit/catch.h"

using namespace minirun;

TEST_CASE("lines are at most 100 columns wide, and all words are in them") {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "wörd" + std::to_string(i) + " ";
  const std::string lines = page::wrapped("  name      ", text);
  std::string joined;
  for (const auto line : split(lines, '\n')) {
    CHECK(page::width(line) <= page::columns);
    if (!line.empty()) CHECK(line.substr(0, 6) == (joined.empty() ? "  name" : "      "));
    joined += cat(line.size() > 12 ? line.substr(12) : "", " ");
  }
  CHECK(joined.find("wörd0 wörd1 ") == 0);
  CHECK(joined.find("wörd199") != std::string::npos);
}

TEST_CASE("a word that is longer than a line stays whole") {
  const std::string path = "/" + std::string(150, 'x');
  CHECK(page::wrapped("a ", "b " + path + " c") == "a b\n  " + path + "\n  c\n");
  CHECK(page::wrapped("a ", path) == "a " + path + "\n");
  CHECK(page::wrapped("a  ", "") == "a\n");
}

TEST_CASE("lists and counts in words") {
  CHECK(page::enumerated({}).empty());
  CHECK(page::enumerated({"a"}) == "a");
  CHECK(page::enumerated({"a", "b"}) == "a and b");
  CHECK(page::enumerated({"a", "b", "c"}) == "a, b and c");
  CHECK(page::counted(1, "name") == "1 name");
  CHECK(page::counted(0, "name") == "0 names");
}

TEST_CASE("modes read as in ls(1)") {
  CHECK(mode_words(S_IFREG | 0644) == "-rw-r--r--");
  CHECK(mode_words(S_IFDIR | S_ISVTX | 0777) == "drwxrwxrwt");
  CHECK(mode_words(S_IFDIR | S_ISVTX | 0776) == "drwxrwxrwT");
  CHECK(mode_words(S_IFREG | S_ISUID | 0755) == "-rwsr-xr-x");
  CHECK(mode_words(S_IFREG | S_ISUID | S_ISGID | 0600) == "-rwS--S---");
  CHECK(mode_words(S_IFLNK | 0777) == "lrwxrwxrwx");
  CHECK(mode_words(S_IFCHR) == "c---------");
  CHECK(mode_words(S_IFBLK) == "b---------");
  CHECK(mode_words(S_IFIFO) == "p---------");
  CHECK(mode_words(S_IFSOCK) == "s---------");
}

TEST_CASE("a table of files: names can't steer the terminal") {
  FileRow row{};
  row.status.st_mode = S_IFREG | 0600;
  row.status.st_size = 7;
  row.layers = "1";
  row.name = "a\x1b[31m\nb";
  const std::string table = file_table({row});
  CHECK(table.find("a\\x1b[31m\\x0ab\n") != std::string::npos);
  CHECK(split(table, '\n').size() == 3);  // a heading, a line, what follows the last newline
}
