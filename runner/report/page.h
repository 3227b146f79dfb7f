// The report's page: runner/report/web/*, which an editor and a browser can open as they lie there,
// put together into one file that needs nothing beside itself and can fetch nothing.
//
//     <link rel="stylesheet" href="x.css">               becomes <style>...</style>
//     <script src="x.js"></script>                       becomes <script>...</script>
//     <script type="application/json" id="data">null...  gets the data
//     <meta charset="utf-8">                             is followed by a Content-Security-Policy
//                                                        that allows those alone, by SHA-256
#pragma once

#include <string>
#include <string_view>

#include "runner/base/unique_fd.h"

namespace minirun {

/// The page with `json` in it.
std::string report_page(std::string_view json);

/// The file that a page goes to. It appears whole or not at all.
class ReportFile {
 public:
  /// Throws UsageError or SysError where it could not be written: told before the work, not after.
  explicit ReportFile(const std::string& path);
  /// Throws SysError: the disk is full.
  void write(std::string_view page) const;

 private:
  std::string path_;
  UniqueFd dir_;
};

}  // namespace minirun
