#include "runner/commands/shared.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/page.h"
#include "runner/base/text.h"
#include "runner/run/interrupt.h"

namespace minirun {
namespace {

/// A bar on the terminal, for a load that takes longer than a person waits without wondering.
class Progress {
 public:
  Progress() = default;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { page::wipe_brief(); }
  /// `total` 0: unknown, then only the bytes are shown. Does nothing within the first second.
  void show(uint64_t done, uint64_t total);

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_ + std::chrono::seconds(1);
};

void Progress::show(uint64_t done, uint64_t total) {
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  std::string line = "loading ";
  if (total == 0) {
    line += human_size(done);
  } else {
    constexpr uint64_t width = 40;
    const uint64_t filled = std::min(width, done * width / total);
    line += cat("[", std::string(filled, '#'), std::string(width - filled, '.'), "] ",
                done * 100 / total, "%  ", human_size(done), " of ", human_size(total));
  }
  page::show_brief(line);
}

}  // namespace

std::string store_root(const Options& options) {
  if (!options.root.empty()) {
    if (options.root.starts_with('/')) return clean_absolute(options.root);
    const std::string here = files::current_dir();
    if (here.empty()) {
      throw UsageError(
          cat("--root ", options.root, ": the directory that you stand in was removed"),
          "cd to one that exists, or give the whole path");
    }
    return clean_absolute(cat(here, "/", options.root));
  }
  const char* root = std::getenv("MINIRUN_ROOT");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  if (root == nullptr || *root == '\0') return "/var/lib/minirun";
  if (*root != '/') throw UsageError(cat("MINIRUN_ROOT=", root, ": not an absolute path"));
  return clean_absolute(root);
}

void note(const std::string& text) {
  page::wipe_brief();
  std::fprintf(stderr, "minirun: note: %s\n", printable(text).c_str());
}

void print(std::string_view text) {
  // main() ignores SIGPIPE. Here it ends us, as any program in `minirun images | head -1`.
  std::signal(SIGPIPE, SIG_DFL);
  files::write_all(STDOUT_FILENO, text, "standard output");
  std::signal(SIGPIPE, SIG_IGN);
}

std::string padded(std::string text, size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text + "  ";
}

void check_kernel(const std::string& release) {
  const auto parts = split(release, '.');
  const auto major = parse_number(parts[0]);
  const auto minor = parts.size() < 2 ? std::nullopt : parse_number(parts[1]);
  const bool is_older = major && (*major < 5 || (*major == 5 && minor && *minor < 12));
  if (is_older) {
    throw Error(cat("this kernel is Linux ", release, "; minirun needs 5.12 or later"),
                "it mounts by descriptor, which mount_setattr(2) made possible in 5.12");
  }
}

void require_host() {
  utsname name{};
  check(::uname(&name), "uname");
  check_kernel(name.release);
  if (::geteuid() == 0) return;
  throw UsageError(
      "minirun needs root: a layer has owners and devices, and a container takes mounts",
      "sudo minirun ...");
}

image::LoadOptions load_options(const Options& options) {
  image::LoadOptions load;
  load.image_name = options.image_name;
  if (!options.platform.empty()) load.platform = image::parse_platform(options.platform);
  load.max_size = options.max_size;
  load.warn = note;
  const bool is_told = options.debug || options.step;  // a bar would be drawn into the telling
  const auto progress = is_told ? nullptr : std::make_shared<Progress>();
  load.progress = [progress](uint64_t done, uint64_t total) {
    check_interrupt();
    if (progress) progress->show(done, total);
  };
  return load;
}

namespace {

bool is_path(const std::string& word) {
  return word == "-" || word.starts_with('/') || word.starts_with("./") ||
         word.starts_with("../") || files::stat_at(AT_FDCWD, word);
}

[[noreturn]] void refuse_unknown(const std::string& word) {
  throw UsageError(cat(word, ": no such file, and no image of that name in the store"),
                   "minirun images lists the store; a path may begin with ./");
}

/// The image of a name or id in the store. Throws UsageError: there is none, or the options choose
/// another.
image::Image named_image(const image::Store* store, const std::string& word,
                         const Options& options) {
  auto image = store == nullptr ? std::nullopt : store->find(word);
  if (!image) refuse_unknown(word);
  if (!options.image_name.empty()) {
    throw UsageError(
        cat("--image chooses one of the images of an archive, and ", word, " is one in the store"),
        "leave --image out, or give the archive");
  }
  const image::Platform& has = image->config.platform;
  if (!options.platform.empty() && !matches(has, image::parse_platform(options.platform))) {
    throw UsageError(cat(word, " in the store is made for ", has.str(), "; --platform asks for ",
                         options.platform),
                     "leave --platform out, or load that platform's image from an archive");
  }
  return *std::move(image);
}

}  // namespace

image::Image find_image(image::Store& store, const Options& options,
                        std::function<void(const image::LoadRecord&)> tell,
                        std::function<void(std::string_view id)> begins) {
  const std::string& word = options.arguments.front();
  if (is_path(word)) {
    image::LoadOptions load = load_options(options);
    load.tell = std::move(tell);
    load.begins = std::move(begins);
    return image::load(store, word, load).front();
  }
  return named_image(&store, word, options);
}

namespace {

/// Without root the store is closed to us.
std::optional<image::Store> store_to_look_at(const std::string& root) {
  if (::access(root.c_str(), R_OK | X_OK) == -1 && errno == EACCES) {
    note(cat("the store ", root, " can't be read without root; this assumes that it is empty"));
    return std::nullopt;
  }
  return image::Store::open_if_exists(root);
}

}  // namespace

image::Preview look_for_image(const Options& options,
                              const std::function<void(const image::LoadRecord&)>& tell) {
  const std::string& word = options.arguments.front();
  const std::string root = store_root(options);
  const auto store = store_to_look_at(root);
  image::LoadOptions load = load_options(options);
  if (!is_path(word)) {
    const image::Image image = named_image(store ? &*store : nullptr, word, options);
    return {image, image::view_of(*store, image)};
  }
  if (const auto loaded = store ? image::find_loaded(*store, word, load) : std::nullopt) {
    return {loaded->front(), image::view_of(*store, loaded->front())};
  }
  load.tell = tell;
  return image::preview(word, root, load);
}

}  // namespace minirun
