// why: what the program of an image needs to start, and what of it is missing.
#include "image/store/store.h"
#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/commands/commands.h"
#include "runner/commands/layers.h"
#include "runner/commands/libraries.h"
#include "runner/commands/make_spec.h"
#include "runner/commands/program.h"
#include "runner/commands/shared.h"

namespace minirun {
namespace {

std::string row(const std::string& label, const std::string& text) {
  return cat(padded(label, 11), text, "\n");
}

std::string libraries_text(const std::vector<Library>& libraries, size_t& missing) {
  std::string text;
  for (const Library& library : libraries) {
    if (library.path.empty()) ++missing;
    text += row("library", library.path.empty() ? cat(printable(library.name), ": MISSING, and ",
                                                      printable(library.needed_by), " needs it")
                                                : printable(library.path));
  }
  return text;
}

}  // namespace

int why_command(const Options& given) {
  allow_many_files();
  const Options options = checked(given);
  image::Store store(store_root(options));
  const image::Image image = find_image(store, options);
  const ContainerSpec spec = make_spec(options, image::view_of(store, image), image);
  const image::Stack stack(diffs_of(spec));
  const Program program(spec, stack);
  std::string text = row("runs", printable(shell_words(spec.argv)));
  text += row("as", cat("user ", spec.user.uid, ", group ", spec.user.gid, ", in ",
                        printable(spec.working_dir)));
  for (const Program::Part& part : program.parts()) {
    text += row(part.role,
                cat(printable(part.path), ", of layer ", spec.lower.size() - 1 - part.layer));
  }
  size_t missing = 0;
  if (!program.problem()) {
    text += libraries_text(libraries_of(stack, program.executed(), spec.env), missing);
  }
  print(text);
  if (program.problem()) {
    print(cat("It can't start: ", *program.problem(), ".\n"));
  } else if (missing != 0) {
    print(cat("It starts, and its loader ends it at once with 127: ",
              missing == 1 ? "a library is" : "libraries are", " missing.\n"));
  } else {
    print("The image has all that it needs to start.\n");
  }
  return program.problem() || missing != 0 ? 1 : 0;
}

}  // namespace minirun
