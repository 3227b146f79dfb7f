#include "runner/plan/step.h"

namespace minirun {
namespace {

template <typename T>
concept Undoable = requires(const T& op, Live& live) {
  op.undo(live);
};

}  // namespace

void apply(const Op& op, Live& live) {
  std::visit([&live](const auto& alternative) { alternative.apply(live); }, op);
}

std::string shell(const Op& op) {
  return std::visit([](const auto& alternative) { return alternative.shell(); }, op);
}

std::vector<std::string> calls(const Op& op) {
  return std::visit([](const auto& alternative) { return alternative.calls(); }, op);
}

std::string look(const Op& op) {
  return std::visit([](const auto& alternative) { return alternative.look(); }, op);
}

bool can_undo(const Op& op) {
  return std::visit([]<typename T>(const T&) { return Undoable<T>; }, op);
}

void undo(const Op& op, Live& live) {
  std::visit(
      [&live]<typename T>(const T& alternative) {
        if constexpr (Undoable<T>) alternative.undo(live);
      },
      op);
}

std::string undo_shell(const Op& op) {
  return std::visit(
      []<typename T>(const T& alternative) -> std::string {
        if constexpr (Undoable<T>) return alternative.undo_shell();
        return {};
      },
      op);
}

}  // namespace minirun
