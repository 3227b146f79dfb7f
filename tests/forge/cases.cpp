#include "tests/forge/cases.h"

#include <fcntl.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "tests/forge/program.h"

namespace minirun::forge {
namespace {

std::string read_program(const std::string& path) {
  const int fd = check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open ", path);
  std::string bytes(static_cast<size_t>(check(::lseek(fd, 0, SEEK_END), "lseek ", path)), '\0');
  const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), 0);
  ::close(fd);
  if (got != static_cast<ssize_t>(bytes.size())) throw Error(cat("cannot read ", path));
  return bytes;
}

}  // namespace

std::string hello_layer() {
  return Tar().file("hello", program_that_says(hello_text), 0755).bytes();
}

std::string busybox_layer(const Options& options) {
  return Tar()
      .dir("bin/")
      .file("bin/busybox", read_program(options.busybox), 0755)
      .symlink("bin/sh", "busybox")
      .dir("tmp/", 01777)
      .bytes();
}

Image hello_image(const std::vector<std::string>& upper) {
  Image image;
  image.layers.push_back({hello_layer()});
  for (const std::string& tar : upper) image.layers.push_back({tar});
  return image;
}

Image noted_image(Packing packing) {
  Image image = hello_image({Tar().dir("etc/").file("etc/note.txt", "a note\n").bytes()});
  for (Layer& layer : image.layers) layer.packing = packing;
  return image;
}

Image shell_image(const Options& options, const std::vector<std::string>& upper) {
  Image image = hello_image({busybox_layer(options)});
  for (const std::string& tar : upper) image.layers.push_back({tar});
  image.run = {{"Env", R"(["PATH=/bin:/usr/bin"])"}, {"Cmd", R"(["/bin/sh"])"}};
  return image;
}

Product on_hello(const Tar& upper) { return archive(legacy({hello_image({upper.bytes()})})); }

Product on_shell(const Options& options, const std::vector<Tar>& upper) {
  std::vector<std::string> layers;
  layers.reserve(upper.size());
  for (const Tar& tar : upper) layers.push_back(tar.bytes());
  return archive(legacy({shell_image(options, layers)}));
}

}  // namespace minirun::forge
