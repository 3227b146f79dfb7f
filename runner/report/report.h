// --report FILE.html: collects what happens and the result, and writes one page at the end.
#pragma once

#include <chrono>
#include <string>

#include "runner/report/data.h"
#include "runner/report/page.h"
#include "runner/run/listener.h"

namespace minirun {

class Report : public Listener {
 public:
  /// Throws if the file can't be written, before any step is done.
  explicit Report(const std::string& file) : file_(file) {}

  void loaded(const image::LoadRecord& record) override;
  void begin(const ContainerSpec& spec, const Plan& plan) override;
  void before(const StepEvent& event) override;
  void after(const StepEvent& event) override;
  void failed(const StepEvent& event, const std::exception& why) override;
  void stopped(const Live& live) override;
  void undone(const StepEvent& event, const std::string& problem) override;
  void end(int exit_status) override;

 private:
  using Clock = std::chrono::steady_clock;
  int64_t now() const;

  ReportFile file_;
  Clock::time_point start_ = Clock::now();
  int64_t step_start_ = 0;  // of the last one that was begun
  ReportJson loads_ = ReportJson::array();
  ReportJson run_;
  std::string store_;
  std::string upper_;
  std::vector<std::string> lower_;  ///< the directories below it, topmost first
  image::Digest image_id_;
  std::string image_name_;
};

}  // namespace minirun
