#include "runner/commands/file_table.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <array>

#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"
#include "runner/commands/commands.h"

namespace minirun {
namespace {

std::string owner_of(const struct stat& status) { return cat(status.st_uid, ":", status.st_gid); }

std::string size_of(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return "-";  // it says more of the store's file system than of it
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
    return cat(major(status.st_rdev), ", ", minor(status.st_rdev));
  }
  return std::to_string(status.st_size);
}

std::string right_aligned(std::string text, size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + std::move(text);
}

}  // namespace

std::string mode_words(mode_t mode) {
  std::string words = std::string(1, type_letter(mode)) + "rwxrwxrwx";
  for (size_t i = 0; i < 9; ++i) {
    if ((mode & (0400U >> i)) == 0) words[i + 1] = '-';
  }
  struct Special {
    mode_t bit;
    size_t at;
    char with_x, without_x;
  };
  static constexpr std::array<Special, 3> specials = {
      {{S_ISUID, 3, 's', 'S'}, {S_ISGID, 6, 's', 'S'}, {S_ISVTX, 9, 't', 'T'}}};
  for (const auto& special : specials) {
    if ((mode & special.bit) == 0) continue;
    words[special.at] = words[special.at] == 'x' ? special.with_x : special.without_x;
  }
  return words;
}

std::string file_table(const std::vector<FileRow>& rows) {
  size_t owner_width = 5;
  size_t size_width = 4;
  size_t layer_width = 5;
  for (const FileRow& row : rows) {
    owner_width = std::max(owner_width, owner_of(row.status).size());
    size_width = std::max(size_width, size_of(row.status).size());
    layer_width = std::max(layer_width, page::width(row.layers));
  }
  std::string table = cat(padded("MODE", 10), padded("OWNER", owner_width),
                          padded(right_aligned("SIZE", size_width), size_width),
                          padded("LAYER", layer_width), "NAME\n");
  for (const FileRow& row : rows) {
    table +=
        cat(padded(mode_words(row.status.st_mode), 10), padded(owner_of(row.status), owner_width),
            padded(right_aligned(size_of(row.status), size_width), size_width), row.layers,
            std::string(layer_width + 2 - page::width(row.layers), ' '), printable(row.name),
            row.remark.empty() ? "" : "  (" + printable(row.remark) + ")", "\n");
  }
  return table;
}

}  // namespace minirun
