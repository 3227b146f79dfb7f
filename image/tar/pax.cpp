#include "image/tar/pax.h"

#include <set>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

struct Record {
  std::string_view keyword;
  std::string_view value;
};

class Checker {
 public:
  explicit Checker(const std::string& where) : where_(where) {}

  PaxFacts check_all(std::string_view records, bool global) {
    while (!records.empty()) {
      const Record record = take(records);
      if (global) {
        if (record.keyword != "comment") fail(record, "may not stand in a global header");
      } else {
        check_once(record);
        check(record);
      }
    }
    if (!major_.empty() || !minor_.empty()) {
      if (major_ != "1" || minor_ != "0") fail("names a sparse format that is not 1.0");
      facts_.sparse_in_data = true;
    }
    return facts_;
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw ImageError(cat(where_, " ", what),
                     "the layer was not written by a tar that can be trusted");
  }
  [[noreturn]] void fail(const Record& record, std::string_view what) const {
    fail(cat("has a record \"", printable(record.keyword.substr(0, 80)), "\" that ", what));
  }

  /// Takes a record off the front: its length in decimal, a space, keyword, "=", value, newline.
  Record take(std::string_view& records) const {
    const size_t space = records.find(' ');
    const auto length = parse_number(records.substr(0, space), records.size());
    if (space == std::string_view::npos || !length || *length < space + 2) {
      fail("has a record of a wrong length");
    }
    std::string_view line = records.substr(0, *length);
    records.remove_prefix(*length);
    if (line.back() != '\n') fail("has a record that does not end where it says");
    line.remove_suffix(1);
    line.remove_prefix(space + 1);
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) fail("has a record without a keyword");
    const Record record{line.substr(0, equals), line.substr(equals + 1)};
    if (record.keyword.find('\0') != std::string_view::npos) fail("has a NUL in a keyword");
    return record;
  }

  void check_once(const Record& record) {
    const bool repeats =  // by its very format, GNU sparse 0.0
        record.keyword == "GNU.sparse.offset" || record.keyword == "GNU.sparse.numbytes";
    if (!repeats && !seen_.insert(record.keyword).second) fail(record, "stands twice");
  }

  void check(const Record& record) {
    const std::string_view key = record.keyword;
    if (key == "path" || key == "linkpath" || key == "GNU.sparse.name") return check_name(record);
    if (key == "size") {
      facts_.size = number(record, max_tar_size);
    } else if (key == "uid" || key == "gid") {
      number(record, max_tar_id);
    } else if (key == "mtime" || key == "atime" || key == "ctime") {
      check_time(record);
    } else if (key == "SCHILY.devmajor" || key == "SCHILY.devminor") {
      number(record, UINT32_MAX);
    } else if (key == "hdrcharset") {
      if (record.value != "BINARY" && record.value != "ISO-IR 10646 2000 UTF-8") {
        fail(record, "names an unknown character set");
      }
    } else if (key.starts_with("GNU.sparse.")) {
      check_sparse(record);
    } else if (key == "SCHILY.realsize" || key.starts_with("SUN.") ||
               key.starts_with("GNU.volume.")) {
      fail(record, "is not supported");
    }
  }

  void check_name(const Record& record) {
    if (record.value.empty()) fail(record, "is empty");
    if (record.value.find('\0') != std::string_view::npos) fail(record, "has a NUL in it");
    if (record.keyword == "linkpath") {
      facts_.linkpath = true;
    } else {
      facts_.path = true;
      if (record.keyword != "path") facts_.sparse = true;
    }
  }

  void check_sparse(const Record& record) {
    facts_.sparse = true;
    if (record.keyword == "GNU.sparse.map") {
      if (record.value.find_first_not_of("0123456789,") != std::string_view::npos) {
        fail(record, "is no list of numbers");
      }
      return;
    }
    number(record, max_tar_size);
    if (record.keyword == "GNU.sparse.major") major_ = record.value;
    if (record.keyword == "GNU.sparse.minor") minor_ = record.value;
  }

  uint64_t number(const Record& record, uint64_t max) const {
    const auto value = parse_number(record.value, max);
    if (!value) {
      const auto shown = printable(record.value.substr(0, 40));
      fail(record, cat("is \"", shown, "\", not a number from 0 to ", max));
    }
    return *value;
  }

  void check_time(const Record& record) const {
    std::string_view text = record.value;
    if (text.starts_with('-')) text.remove_prefix(1);
    const size_t dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    const std::string_view part = dot == std::string_view::npos ? "0" : text.substr(dot + 1);
    const auto is_number = [](std::string_view digits) {
      return digits.find_first_not_of("0123456789") == std::string_view::npos;
    };
    if (whole.empty() || !is_number(whole) || !is_number(part)) fail(record, "is not a time");
  }

  const std::string& where_;
  std::set<std::string_view> seen_;
  std::string_view major_;
  std::string_view minor_;
  PaxFacts facts_;
};

}  // namespace

PaxFacts check_pax(std::string_view records, bool global, const std::string& where) {
  return Checker(where).check_all(records, global);
}

}  // namespace minirun::image
