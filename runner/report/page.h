// The report's page: joins the files of runner/report/web into one file, which loads nothing else.
// (A browser can open the files of runner/report/web directly, too.)
//
//     <link rel="stylesheet" href="x.css">               becomes <style>...</style>
//     <script src="x.js"></script>                       becomes <script>...</script>
//     <script type="application/json" id="data">null...  gets the data
//     <meta charset="utf-8">                             is followed by a Content-Security-Policy
//                                                        that allows only those, by SHA-256
#pragma once

#include <string>
#include <string_view>

#include "runner/base/unique_fd.h"

namespace minirun {

/// The page with `json` in it.
std::string report_page(std::string_view json);

/// The file for a page. Other processes see the complete page or none.
class ReportFile {
 public:
  /// Throws UsageError or SysError if the file can't be written, so the user knows before the run.
  explicit ReportFile(const std::string& path);
  /// Throws SysError: the disk is full.
  void write(std::string_view page) const;

 private:
  std::string path_;
  UniqueFd dir_;
};

}  // namespace minirun
