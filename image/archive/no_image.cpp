#include "image/archive/no_image.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <span>

#include "image/stream/decompress.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

/// For a file that is no tar: what it is, and what to do.
struct Kind {
  std::string what;
  std::string hint;
};

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t' || c == '\r';
  });
}

/// The beginning of a text's first line: often the very error that made it.
std::string first_line(std::string_view text) {
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  return cat(printable(line.substr(0, 60)), line.size() > 60 ? "..." : "");
}

/// Where an archive begins behind lines of text: a program's warning that went into the same file.
std::optional<size_t> archive_behind_text(std::string_view first) {
  for (size_t end = first.find('\n'); end != std::string_view::npos;
       end = first.find('\n', end + 1)) {
    if (!is_text(first.substr(0, end))) return std::nullopt;
    const auto rest = std::as_bytes(std::span(first.substr(end + 1)));
    if (looks_like_tar(rest) || sniff(rest) != Compression::none) return end + 1;
  }
  return std::nullopt;
}

bool is_html(std::string_view first) {
  const size_t start = first.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return false;
  std::string lower;
  for (const char c : first.substr(start, 14)) {
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return lower.starts_with("<!doctype html") || lower.starts_with("<html");
}

/// From how it begins.
Kind kind_of(std::string_view first) {
  const std::string save = "an image is saved with: docker save NAME -o FILE.tar";
  if (first.starts_with("\x7f"
                        "ELF"))
    return {"an ELF program", save};
  if (first.starts_with("PK\x03\x04")) {
    return {"a zip archive", cat("unzip it, if the image's archive lies in it; ", save)};
  }
  if (first.starts_with("hsqs")) return {"a squashfs file system", save};
  if (first.starts_with("#!")) return {"a script", save};
  const std::string with_o = "let docker write the file itself: docker save NAME -o FILE.tar";
  if (first.starts_with("\xff\xfe") || first.starts_with("\xfe\xff")) {
    return {"UTF-16 text, which PowerShell's > makes of a program's output", with_o};
  }
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (first.starts_with(byte_order_mark) && !is_text(first.substr(byte_order_mark.size()))) {
    return {
        "UTF-8 text with bytes in it that are none, which PowerShell makes of a program's output",
        with_o};
  }
  if (const auto start = archive_behind_text(first)) {
    const std::string_view line = first.substr(0, std::min<size_t>(first.find('\n'), 60));
    return {
        cat("text (\"", printable(line), "\") and then an archive: a message went into the file"),
        cat("docker save NAME -o FILE.tar keeps them apart; tail -c +", *start + 1,
            " FILE > NEW cuts the text off")};
  }
  if (first.starts_with("version https://git-lfs.github.com/spec/")) {
    return {"a Git LFS pointer, which stands for a file that is not here",
            "git lfs pull fetches it"};
  }
  if (is_html(first)) {
    return {"an HTML page", "the download failed, or asks for a login: look at it in a browser"};
  }
  if (!is_text(first)) return {"data of another kind", save};
  return {cat("text (\"", first_line(first), "\")"), save};
}

bool is_archive_name(std::string_view name) {
  const std::array endings = {".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.zst", ".tar.bz2"};
  // A layer.tar is part of an image that lacks its manifest.
  return !name.ends_with("/layer.tar") &&
         std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

std::string top_of(const std::string& name) { return name.substr(0, name.find('/')); }

}  // namespace

void refuse_no_tar(const std::string& name, std::string_view outer, std::string_view first) {
  const std::string wrapped = outer.empty() ? "" : cat(outer, " around ");
  const Kind kind = kind_of(first);
  throw ImageError(cat(name, " is not an archive: it is ", wrapped, kind.what), kind.hint);
}

void refuse_no_image(const Archive& archive) {
  static const std::set<std::string> root_dirs = {"bin",  "boot", "dev",  "etc",  "home",
                                                  "lib",  "opt",  "proc", "root", "run",
                                                  "sbin", "sys",  "tmp",  "usr",  "var"};
  std::set<std::string> tops;
  std::string nested;
  std::string inner;  // an archive in the archive
  for (const std::string& name : archive.names()) {
    if (is_archive_name(name)) inner = name;
    tops.insert(top_of(name));
    const std::string below =
        name.size() > top_of(name).size() ? name.substr(top_of(name).size() + 1) : "";
    if (below == "manifest.json" || below == "index.json") nested = name;
  }
  std::string found;  // a few are enough to be recognised by
  for (const std::string& top : tops) {
    const bool enough = std::count(found.begin(), found.end(), '/') == 3;
    if (root_dirs.contains(top) && !enough) found += cat(found.empty() ? "" : ", ", top, "/");
  }
  const std::string& name = archive.name();
  if (tops.contains(".dockerenv") || std::count(found.begin(), found.end(), '/') >= 3) {
    throw ImageError(cat(name, " is a root file system (docker export?), not an image: it has ",
                         found, " and no manifest"),
                     "docker export leaves out what to run; use docker save IMAGE -o FILE.tar");
  }
  if (archive.is_directory()) {
    throw ImageError(cat(name, " is a directory, but no OCI layout: it has no index.json"),
                     "skopeo copy docker-archive:FILE.tar oci:DIR makes one");
  }
  if (tops.empty())
    throw ImageError(cat(name, " is an archive without members"), "save the image again");
  if (!nested.empty()) {
    throw ImageError(
        cat(name, " has ", printable(nested), ": the image lies one directory too deep"),
        cat("pack it again: tar -C ", printable(top_of(nested)), " -cf FILE.tar ."));
  }
  if (!inner.empty()) {
    throw ImageError(cat(name, " is no saved image, but holds another archive, ", printable(inner)),
                     cat("unpack it with tar -x, and try ", printable(inner)));
  }
  throw ImageError(
      cat(name,
          " is a tar archive, but no saved image: it has neither manifest.json nor index.json"),
      "an image is saved with: docker save NAME -o FILE.tar");
}

}  // namespace minirun::image
