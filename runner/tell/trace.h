// --trace FILE: a line of JSON for each step, for programs.
//
//     {"kind": "step", "number": 12, "of": 58, "id": "overlay", "side": "child", ...}
//
// kind is load, step, undo or end. trace.schema.json in this directory says what each line holds,
// and a test checks that. A line is written when its step is done. So if a run is killed, the file
// has the lines of all steps that it did.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "runner/base/unique_fd.h"
#include "runner/run/listener.h"

namespace minirun {

class Trace : public Listener {
 public:
  /// Makes the file anew and opens it. Throws SysError, UsageError.
  explicit Trace(std::string path);

  void loaded(const image::LoadRecord& record) override;
  void after(const StepEvent& event) override;
  void failed(const StepEvent& event, const std::exception& why) override;
  void undone(const StepEvent& event, const std::string& problem) override;
  void end(int exit_status) override;

 private:
  void write(const nlohmann::ordered_json& line);
  int64_t start_us(std::chrono::microseconds took) const;

  std::string path_;
  UniqueFd file_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace minirun
