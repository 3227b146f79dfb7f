// Names that would like to be something else: the end of a script, an element, two lines, another
// direction. An image may have them, so that nobody who shows one may take it for more than a name.
//
// What they try is to set the page's title to "owned".
#include "runner/base/error.h"
#include "tests/forge/cases.h"

namespace minirun::forge {
namespace {

constexpr std::string_view script = "</script><script>document.title='owned'</script><!--<script>";

Tar names() {
  return Tar()
      .dir("n/")
      .file("n/<img src=x onerror=document.title='owned'>", "x")
      .dir("n/<")
      .file("n/</script><script>document.title='owned'<", "x")
      .file("n/<!--<script>", "x")
      .file("n/quotes\"'`${document.title='owned'}\\", "x")
      .file("n/two\nlines", "x")
      .file("n/tab\tescape\x1b[31m", "x")
      .file("n/bytes\xff\xfe", "x")
      .file("n/private\xee\x83\xbf", "x")
      .file("n/right\xe2\x80\xaetxt.exe", "x")
      .file("n/separator\xe2\x80\xa8", "x")
      .file("n/plain", "x")
      .symlink("n/link", std::string(script))
      .file("n/byte\xff", "lower");
}

/// The byte, and the four characters that stand for it on a screen, are two names.
Tar upper() { return Tar().file("n/byte\\xff", "upper").file("n/.wh.plain"); }

Product hostile_names(const Options& options) {
  Image image = shell_image(options, {names().bytes(), upper().bytes()});
  image.run = {{"Env", array({json_string("PATH=/bin"), json_string(cat("A=", script))})},
               {"Cmd", array({json_string("/bin/sh"), json_string("-c"), json_string("exit 3"),
                              json_string(script)})}};
  std::string config = config_text(image);
  const std::string maker = json_string("forge");
  config.replace(config.find(maker), maker.size(), json_string(script));
  image.config = config;
  return archive(legacy({image}));
}

constexpr Case cases[] = {
    {"good-hostile-names", "names, a command and a history that would like to be HTML",
     hostile_names},
};

}  // namespace

std::span<const Case> name_cases() { return cases; }

}  // namespace minirun::forge
