// Files in a table, as ls -l has them, with the layer that each comes from.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

namespace minirun {

struct FileRow {
  struct stat status;
  std::string layers;  ///< "3", or "3,1" of a directory that is merged
  std::string name;    ///< what follows it too: " -> target"
  std::string remark;  ///< may be empty
};

/// "drwxr-xr-x", setuid and sticky bits in it as ls(1) shows them.
std::string mode_words(mode_t mode);

/// With a heading. Names and remarks are made printable.
std::string file_table(const std::vector<FileRow>& rows);

}  // namespace minirun
