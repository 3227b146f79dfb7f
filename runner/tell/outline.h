// --debug: prints a run on two screens, for people, on standard error.
//
//     namespaces: what the child changes now, it changes for itself
//      14  private            child  mount(NULL, "/", NULL, MS_REC|MS_PRIVATE, NULL)        21 µs
//
// A failure is printed in full, as in narrator.h.
#pragma once

#include <string>

#include "runner/tell/narrator.h"

namespace minirun {

class Outline : public Telling {
 public:
  void loading(std::string_view id) override;
  void loaded(const image::LoadRecord& record) override;
  void begin(const ContainerSpec& spec, const Plan& plan) override;
  void before(const StepEvent& event) override;
  void after(const StepEvent& event) override;
  void failed(const StepEvent& event, const std::exception& why) override;
  void undone(const StepEvent& event, const std::string& problem) override;
  void end(int exit_status) override;

 private:
  std::string step_line(const StepEvent& event, const std::string& time) const;
  /// "  12  devices            host   bpf(BPF_PROG_ATTACH, {...}, 144)     202 µs"
  std::string line(std::string_view mark, const std::string& id, std::string_view side,
                   const std::string& what, const std::string& time,
                   const std::string& result = {}) const;

  std::string dir_;  ///< the container's directory, which is "…" in the lines
};

}  // namespace minirun
