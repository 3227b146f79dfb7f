#include "mount/overlay.h"

#include "tests/unit/scratch.h"

namespace minirun::mount {
namespace {

constexpr const char* tail = ",redirect_dir=nofollow,metacopy=off,index=off";
constexpr const char* shell_tail = " -o redirect_dir=nofollow -o metacopy=off -o index=off";

Overlay with_layers(size_t count) {
  Overlay overlay{"/var/lib/minirun/overlay2",
                  {},
                  "/var/lib/minirun/containers/0123456789ab/diff",
                  "/var/lib/minirun/containers/0123456789ab/work",
                  "/var/lib/minirun/containers/0123456789ab/merged"};
  for (size_t i = 0; i < count; ++i) {
    std::string name = std::to_string(i);
    name.insert(0, 26 - name.size(), 'A');
    overlay.lower.push_back("l/" + name);
  }
  return overlay;
}

TEST_CASE("overlay options name the layers from the topmost down, and volatile only if asked for") {
  Overlay overlay{"/s/overlay2", {"l/B", "l/A"}, "/c/diff", "/c/work", "/c/merged"};
  CHECK(overlay_options(overlay) ==
        std::string("lowerdir=l/B:l/A,upperdir=/c/diff,workdir=/c/work") + tail + ",volatile");
  overlay.is_volatile = false;
  CHECK(overlay_options(overlay) ==
        std::string("lowerdir=l/B:l/A,upperdir=/c/diff,workdir=/c/work") + tail);
}

TEST_CASE("case 15: a layer that stands twice is used once, where it stands uppermost") {
  const Overlay overlay{"/s", {"l/A", "l/B", "l/A", "l/B", "l/C"}, "/u", "/w", "/m"};
  CHECK(overlay_options(overlay).starts_with("lowerdir=l/A:l/B:l/C,"));
}

TEST_CASE("case 15: 127 layers fit in a page by their own names") {
  const std::string options = overlay_options(with_layers(127));
  CHECK(options.size() <= 4095);
  CHECK(options.starts_with("lowerdir=l/AAA"));
}

TEST_CASE("case 15: up to 500 layers fit by numbers, and more are a clear error") {
  const std::string options = overlay_options(with_layers(500));
  CHECK(options.size() <= 4095);
  CHECK(options.starts_with("lowerdir=0:1:2:"));
  CHECK_THROWS_WITH(overlay_options(with_layers(501)),
                    Catch::Contains("501 layers") && Catch::Contains("500"));
}

TEST_CASE("a store whose path has a colon, comma or backslash is mounted by numbers") {
  for (const char* store : {"/a:b", "/a,b", "/a\\b"}) {
    const std::string base = store;
    const Overlay overlay{base, {"l/A"}, base + "/c/diff", base + "/c/work", base + "/c/merged"};
    CHECK(overlay_options(overlay) ==
          std::string("lowerdir=0,upperdir=upper,workdir=work") + tail + ",volatile");
  }
}

TEST_CASE("the overlay's shell form stands where the layers' names are relative to") {
  const Overlay overlay{"/s/overlay2", {"l/A"}, "/c/diff", "/c/work", "/c/merged", false};
  CHECK(overlay.shell() ==
        std::string("(cd /s/overlay2 && mount -t overlay -o nodev -o lowerdir=l/A "
                    "-o upperdir=/c/diff -o workdir=/c/work") +
            shell_tail + " overlay /c/merged)");
}

TEST_CASE("the shell form by numbers makes the symlinks that it uses") {
  const Overlay overlay{"/s,x", {"l/A"}, "/s,x/c/diff", "/s,x/c/work", "/s,x/c/merged", false};
  CHECK(overlay.shell() == std::string("mkdir -p /s,x/c/short\n"
                                       "ln -s /s,x/c/diff /s,x/c/short/upper\n"
                                       "ln -s /s,x/c/work /s,x/c/short/work\n"
                                       "ln -s /s,x/l/A /s,x/c/short/0\n"
                                       "(cd /s,x/c/short && mount -t overlay -o nodev "
                                       "-o lowerdir=0 -o upperdir=upper -o workdir=work") +
                               shell_tail + " overlay /s,x/c/merged)");
}

}  // namespace
}  // namespace minirun::mount
