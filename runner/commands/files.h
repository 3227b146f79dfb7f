// A table of files in the form of ls -l, with the layer of each file.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

namespace minirun {

struct FileRow {
  struct stat status;
  std::string layers;  ///< "3"; for a merged directory "3,1"
  std::string name;    ///< for a symlink with " -> target"
  std::string remark;  ///< may be empty
};

/// "drwxr-xr-x", with setuid and sticky bits as ls(1) shows them.
std::string mode_words(mode_t mode);

/// The table, with a heading. Names and remarks are made printable.
std::string file_table(const std::vector<FileRow>& rows);

}  // namespace minirun
