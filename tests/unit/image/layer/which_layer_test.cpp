// Who has a path, and what hides it. Each case is checked against the stack itself: what is said to
// be shown is what Stack::find finds.
#include "image/layer/which_layer.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "tests/unit/catch.h"
#include "tests/unit/needs_root.h"
#include "tests/unit/scratch.h"

using namespace minirun;
using namespace minirun::test;
using namespace minirun::image;
namespace fs = std::filesystem;

namespace {

void make_opaque(const std::string& path) {
  fs::create_directories(path);
  REQUIRE(::setxattr(path.c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0);
}

/// "2 shown, 1 hidden by whiteout of 2 at d"; layers counted from 1, the lowest.
std::string told(const Stack& stack, const std::string& path) {
  static const char* const kinds[] = {"whiteout", "opaque", "file", "directory"};
  const auto number = [&stack](size_t layer) { return std::to_string(stack.size() - layer); };
  std::string text;
  const Sightings sightings = sight(stack, path);
  for (const Sighting& sighting : sightings.seen) {
    text += (text.empty() ? "" : ", ") + number(sighting.layer);
    if (!sighting.hidden_by) {
      text += " shown";
      continue;
    }
    const Cover& cover = *sighting.hidden_by;
    text += std::string(" hidden by ") + kinds[static_cast<int>(cover.kind)] + " of " +
            number(cover.layer) + " at /" + cover.path;
  }
  const auto found = stack.find("/" + path, Links::refuse);
  const bool is_shown = !sightings.seen.empty() && !sightings.seen.front().hidden_by;
  CHECK(found.has_value() == is_shown);
  if (found && is_shown) CHECK(found->layer == sightings.seen.front().layer);
  return text.empty() ? "nowhere" : text;
}

}  // namespace

TEST_CASE("a file above hides one below; directories merge") {
  const scratch::Dir dir;
  scratch::write_file(dir / "1/d/f", "");
  scratch::write_file(dir / "2/d/f", "");
  scratch::write_file(dir / "3/other", "");
  const Stack stack({dir / "3", dir / "2", dir / "1"});
  CHECK(told(stack, "d/f") == "2 shown, 1 hidden by file of 2 at /d/f");
  CHECK(told(stack, "d") == "2 shown, 1 shown");
  CHECK(told(stack, "") == "3 shown, 2 shown, 1 shown");
  CHECK(told(stack, "none") == "nowhere");
  CHECK(told(stack, "d/f/x") == "nowhere");
}

TEST_CASE("a whiteout hides, of the path itself or of a directory above it") {
  if (!test::is_root()) return;
  const scratch::Dir dir;
  scratch::write_file(dir / "1/d/sub/f", "");
  scratch::write_file(dir / "2/keep", "");
  scratch::whiteout(dir / "3/d");
  scratch::write_file(dir / "4/d/new", "");
  const Stack stack({dir / "4", dir / "3", dir / "2", dir / "1"});
  CHECK(told(stack, "d/sub/f") == "1 hidden by whiteout of 3 at /d");
  CHECK(told(stack, "d") == "4 shown, 1 hidden by whiteout of 3 at /d");
  CHECK(told(stack, "keep") == "2 shown");
  const Stack without_top({dir / "3", dir / "2", dir / "1"});
  CHECK(told(without_top, "d") == "1 hidden by whiteout of 3 at /d");
  CHECK(sight(without_top, "d/sub").cover == Cover{Cover::Kind::whiteout, 0, "d"});
}

TEST_CASE("an opaque directory hides what is below it, an opaque root everything") {
  if (!test::is_root()) return;
  const scratch::Dir dir;
  scratch::write_file(dir / "1/d/sub/f", "");
  scratch::write_file(dir / "2/d/sub/g", "");
  make_opaque(dir / "2/d");
  const Stack stack({dir / "2", dir / "1"});
  CHECK(told(stack, "d/sub/f") == "1 hidden by opaque of 2 at /d");
  CHECK(told(stack, "d/sub") == "2 shown, 1 hidden by opaque of 2 at /d");
  make_opaque(dir / "3");
  const Stack under({dir / "3", dir / "2", dir / "1"});
  CHECK(told(under, "d/sub/g") == "2 hidden by opaque of 3 at /");
  CHECK_FALSE(under.find("/d"));
  CHECK(under.list("/").empty());
}

TEST_CASE("a file in the way of a directory, and a directory in the way of a file") {
  const scratch::Dir dir;
  scratch::write_file(dir / "1/a/f", "");
  scratch::write_file(dir / "2/a", "");
  scratch::write_file(dir / "3/a/g", "");
  const Stack stack({dir / "3", dir / "2", dir / "1"});
  CHECK(told(stack, "a") ==
        "3 shown, 2 hidden by directory of 3 at /a, 1 hidden by file of 2 at /a");
  CHECK(told(stack, "a/f") == "1 hidden by file of 2 at /a");
  CHECK(told(stack, "a/g") == "3 shown");
}
