#include "runner/report/data.h"
#include "runner/report/page.h"
#include "runner/report/tree.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch.h"

using namespace minirun;
using Catch::Contains;

namespace {

std::string tree_of(const scratch::Dir& dir) {
  return tree_text(files::open_at(AT_FDCWD, dir.path(), O_RDONLY | O_DIRECTORY).get());
}

/// The owner as a line has it: nothing for root, who may run this, too.
std::string owner() {
  return ::getuid() == 0 && ::getgid() == 0 ? "" : cat(",", ::getuid(), ",", ::getgid());
}

size_t count(const std::string& text, const std::string& what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("a tree is a line an entry, depth first, by name") {
  const scratch::Dir dir;
  scratch::write_file(dir / "b/deep/file", "four");
  scratch::write_file(dir / "b/a", "");
  scratch::write_file(dir / "c", "1");
  std::filesystem::create_symlink("b/a", dir / "a");
  ::chmod((dir / "b").c_str(), 0750);
  ::chmod((dir / "b/deep").c_str(), 01777);
  for (const char* file : {"b/deep/file", "b/a", "c"}) ::chmod((dir / file).c_str(), 0640);
  const std::string o = owner();
  CHECK(tree_of(dir) == cat("l777", o, " 3 a\tb/a\n",  //
                            "d750", o, " 0 b\n",       //
                            "f640", o, " 0 a\n",       //
                            "d1777", o, " 0 deep\n",   //
                            "f640", o, " 4 file\n",    //
                            ".\n.\n",                  //
                            "f640", o, " 1 c\n"));
}

TEST_CASE("a tree that is deeper than anybody needs is cut, and says so") {
  const scratch::Dir dir;
  std::string path = dir.path();
  for (int i = 0; i < 300; ++i) path += "/d";
  std::filesystem::create_directories(path);
  const std::string tree = tree_of(dir);
  CHECK(count(tree, "~\n") == 1);
  CHECK(count(tree, " d\n") == 200);
  CHECK(count(tree, ".\n") == 200);
}

TEST_CASE("no two names are the same text, and no name is two lines or two fields") {
  CHECK(name_text("plain \xc3\xa9 \xe4\xb8\xad <&>\"\\xff") ==
        "plain \xc3\xa9 \xe4\xb8\xad <&>\"\\xff");
  CHECK(name_text("\xff") == "\xee\x83\xbf");
  CHECK(name_text("\n\t\x7f") == "\xee\x80\x8a\xee\x80\x89\xee\x81\xbf");
  CHECK(name_text("\xee\x83\xbf") == name_text("\xee") + name_text("\x83") + name_text("\xbf"));
  CHECK(name_text("\xee\x84\x80") == "\xee\x84\x80");  // U+E100 is nobody's byte
  CHECK(name_text("\xc2\x9b") == name_text("\xc2") + name_text("\x9b"));
}

TEST_CASE("data can't end the element that it is in") {
  const ReportJson data = {{"name", "</script><!--<script>"}, {"bytes", "\xff\xfe"}};
  const std::string json = json_for_page(data);
  CHECK(json.find('<') == std::string::npos);
  CHECK(ReportJson::parse(json)["name"] == data["name"]);
}

TEST_CASE("shown lines stay lines, and nothing else of a control character stays") {
  CHECK(shown_lines("one\ntwo\x1b[31m\n") == "one\ntwo\\x1b[31m\n");
}

TEST_CASE("the page is one file, and its policy names each script and style by its hash") {
  const std::string page = report_page("{\"a\":1}");
  CHECK_THAT(page, Contains("<script type=\"application/json\" id=\"data\">{\"a\":1}</script>"));
  CHECK_THAT(page, Contains("default-src 'none'"));
  CHECK(page.find("<link") == std::string::npos);
  CHECK(page.find("<script src") == std::string::npos);
  CHECK(page.find("unsafe") == std::string::npos);
  CHECK(count(page, "'sha256-") == count(page, "<script>") + count(page, "<style>"));
  CHECK(count(page, "<script>") >= 5);
  CHECK(page.size() < 300000);
}

TEST_CASE("a page goes to a regular file, new or old, and to nothing else") {
  const scratch::Dir dir;
  ReportFile(dir / "page.html").write("new");
  ReportFile(dir / "page.html").write("newer");
  CHECK(scratch::read_file(dir / "page.html") == "newer");
  CHECK((scratch::lstat_of(dir / "page.html").st_mode & 07777) == 0644);
  std::filesystem::create_symlink("page.html", dir / "link");
  CHECK_THROWS_AS(ReportFile(dir / "link"), UsageError);
  CHECK_THROWS_AS(ReportFile(dir.path()), UsageError);
  CHECK_THROWS_AS(ReportFile(dir.path() + "/"), UsageError);
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  CHECK_THROWS_AS(ReportFile(dir / "fifo"), UsageError);
  CHECK_THROWS_AS(ReportFile(dir / "no/such"), SysError);
}
