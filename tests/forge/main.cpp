// forge: writes image archives for tests, good ones and hostile ones.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <span>
#include <vector>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "tests/forge/cases.h"

namespace minirun::forge {
namespace {

constexpr const char* usage =
    "usage: forge list\n"
    "       forge CASE OUT [--busybox PATH] [--victim PATH]\n"
    "       forge all DIR  [--busybox PATH] [--victim PATH]\n"
    "       forge peak FILE COMMAND...    runs it and writes its peak memory in KiB to FILE\n";

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto part :
       {good_cases(), good_oci_cases(), form_cases(), document_cases(), digest_cases(),
        stream_cases(), entry_path_cases(), entry_header_cases(), entry_kind_cases(),
        whiteout_cases(), name_cases(), xattr_cases(), bomb_cases(), json_cases(), tool_cases()}) {
    cases.insert(cases.end(), part.begin(), part.end());
  }
  return cases;
}

void write_file(const std::string& path, std::string_view bytes, uint64_t zeros = 0) {
  const int fd =
      check(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), "open ", path);
  const size_t size = bytes.size();
  while (!bytes.empty()) {
    bytes.remove_prefix(
        static_cast<size_t>(check(::write(fd, bytes.data(), bytes.size()), "write ", path)));
  }
  check(::ftruncate(fd, static_cast<off_t>(size + zeros)), "ftruncate ", path);
  ::close(fd);
}

void make_parents(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), 0755);
  }
}

void write_directory(const std::string& path, const Files& files) {
  make_parents(path + "/");
  for (const File& file : files) {
    const std::string name = path + "/" + file.name;
    make_parents(name);
    switch (file.type) {
      case '0':
        write_file(name, file.bytes);
        break;
      case '2':
        check(::symlink(file.link.c_str(), name.c_str()), "symlink ", name);
        break;
      case '6':
        check(::mkfifo(name.c_str(), 0644), "mkfifo ", name);
        break;
      default:
        break;  // a directory, made with the parents
    }
  }
}

void write_product(const Product& product, const std::string& out) {
  if (const auto* file = std::get_if<ArchiveFile>(&product)) {
    write_file(out, file->bytes, file->zeros);
  } else {
    write_directory(out, std::get<Files>(product));
  }
}

/// Runs a command as a shell would and keeps the most memory that it had at once (getrusage(2),
/// "ru_maxrss").
int run_and_measure(const std::string& out, std::vector<std::string> command) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = check(::fork(), "fork");
  if (child == 0) {
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  int status = 0;
  struct rusage used {};
  check(::wait4(child, &status, 0, &used), "wait4");
  write_file(out, cat(used.ru_maxrss, "\n"));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run(std::vector<std::string> words) {
  if (words.size() > 2 && words[0] == "peak") {
    return run_and_measure(words[1], {words.begin() + 2, words.end()});
  }
  Options options;
  const auto take = [&words](std::string_view name, std::string& into) {
    for (size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i] != name) continue;
      into = words[i + 1];
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i),
                  words.begin() + static_cast<std::ptrdiff_t>(i) + 2);
      return;
    }
  };
  take("--busybox", options.busybox);
  take("--victim", options.victim);
  const std::vector<Case> cases = all_cases();
  if (words.size() == 1 && words[0] == "list") {
    for (const Case& each : cases) {
      std::printf("%-44s %s\n", std::string(each.id).c_str(), std::string(each.what).c_str());
    }
    return 0;
  }
  if (words.size() != 2) throw UsageError(usage);
  if (words[0] == "all") {
    for (const Case& each : cases) {
      write_product(each.make(options), cat(words[1], "/", each.id));
    }
    return 0;
  }
  for (const Case& each : cases) {
    if (each.id != words[0]) continue;
    write_product(each.make(options), words[1]);
    return 0;
  }
  throw UsageError(cat("forge: no case ", words[0], "\n", usage));
}

}  // namespace
}  // namespace minirun::forge

int main(int argc, char** argv) {
  try {
    const std::span<char*> arguments(argv, static_cast<size_t>(argc));
    return minirun::forge::run({arguments.begin() + 1, arguments.end()});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
