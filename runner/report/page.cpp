#include "runner/report/page.h"

#include <nettle/base64.h>
#include <unistd.h>

#include "image/document/digest.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

struct Row {
  const char* name;
  const char* text;
};
constexpr Row rows[] = {
#include "report_page.inc"
};

std::string_view source(std::string_view name) {
  for (const Row& row : rows) {
    if (name == row.name) return row.text;
  }
  throw Error(cat("the report's page names ", name, ", which is not in runner/report/"));
}

/// 'sha256-...' as a Content-Security-Policy names an inline script (CSP level 3, "hash-source").
std::string hash_source(std::string_view text) {
  const auto digest = image::sha256(text).bytes;
  std::string base64(BASE64_ENCODE_RAW_LENGTH(digest.size()), '\0');
  base64_encode_raw(base64.data(), digest.size(), digest.data());
  return cat(" 'sha256-", base64, "'");
}

/// The text between `before` and `after`; empty if the line doesn't have both.
std::string_view between(std::string_view line, std::string_view before, std::string_view after) {
  const size_t start = line.find(before);
  if (start == std::string_view::npos) return {};
  const size_t end = line.find(after, start + before.size());
  if (end == std::string_view::npos) return {};
  return line.substr(start + before.size(), end - start - before.size());
}

class PageMaker {
 public:
  std::string run(std::string_view json) {
    std::string text;
    for (const std::string_view line : split(source("page"), '\n')) add(text, line, json);
    text.pop_back();  // the last line ended already
    constexpr std::string_view charset = "<meta charset=\"utf-8\">\n";
    text.insert(text.find(charset) + charset.size(), policy());
    return text;
  }

 private:
  void add(std::string& text, std::string_view line, std::string_view json) {
    if (const auto style = between(line, "<link rel=\"stylesheet\" href=\"", ".css\">");
        !style.empty()) {
      styles_ += hash_source(source(style));
      text += cat("<style>", source(style), "</style>\n");
    } else if (const auto script = between(line, "<script src=\"", ".js\"></script>");
               !script.empty()) {
      scripts_ += hash_source(source(script));
      text += cat("<script>", source(script), "</script>\n");
    } else if (!between(line, "id=\"data\">", "</script>").empty()) {
      text += cat("<script type=\"application/json\" id=\"data\">", json, "</script>\n");
    } else {
      text += cat(line, "\n");
    }
  }

  std::string policy() const {
    return cat("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ",
               "base-uri 'none'; form-action 'none'; script-src", scripts_, "; style-src", styles_,
               "\">\n");
  }

  std::string styles_;
  std::string scripts_;
};

}  // namespace

std::string report_page(std::string_view json) { return PageMaker().run(json); }

ReportFile::ReportFile(const std::string& path) : path_(path) {
  const std::string hint = "--report takes the name of a file that may be written: run.html";
  dir_ = files::open_at(AT_FDCWD, parent_of(path), O_PATH | O_DIRECTORY);
  // access(2) of root knows of a read-only file system too.
  if (::faccessat(dir_.get(), ".", W_OK, AT_EACCESS) == -1) {
    throw SysError(errno, cat("write ", path), hint);
  }
  const std::string name = name_of(path);
  if (name.empty() || name == "." || name == "..") {
    throw UsageError(cat(path, " is a directory"), hint);
  }
  const auto status = files::stat_at(dir_.get(), name);
  // It will be renamed over, and of /dev/null and /dev/stdout there should remain what there is.
  if (status && !S_ISREG(status->st_mode)) {
    throw UsageError(cat(path, " is there and is no regular file"), hint);
  }
}

void ReportFile::write(std::string_view page) const {
  files::replace_file(dir_.get(), name_of(path_), page, 0644);
}

}  // namespace minirun
