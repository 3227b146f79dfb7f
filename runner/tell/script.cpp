// The script is one file that is read twice: by a shell on the host, and by a second one that
// unshare(1) starts from it, which is the container's first process. So the steps of both sides
// stand in the plan's order, nothing has to be quoted a second time, and standard input stays free
// for the program.
//
//     if on the host   check; steps up to clone, which starts the child in the background
//     if in the child  steps up to exec: the shell becomes the program
//     on the host      wait; on every way out, a trap undoes what was begun, newest first
//
// What the steps' texts share is said here: $step names the one under way, $namespaces, $host,
// $session, $privileges, $user... collect what a shell can have done only by another program,
// `inside` finds a path in the container, and `pass` hands on a signal.
#include "runner/tell/script.h"

#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

struct Part {
  const char* name;
  const char* text;
};
// What is the same in every script: runner/tell/script/*.sh.
constexpr Part parts[] = {
#include "script_parts.inc"
};

/// "both": what both shells begin with; "host", "child": what each has of its own.
std::string_view part(std::string_view name) {
  for (const Part& each : parts) {
    if (each.name == name) return each.text;
  }
  throw Error(cat("no ", name, ".sh is in runner/tell/script/"));
}

std::string header(const ContainerSpec& spec) {
  return cat(
      "#!/bin/sh\n",
      comment("The container that minirun would make, in shell: the same steps in the same order."),
      "#\n", comment(cat("image      ", spec.image, " (", spec.image_id.short_hex(), ")")),
      comment(cat("program    ", shell_words(spec.argv))), comment(cat("container  ", spec.id)),
      "#\n",
      comment("Run it as root, from a file: sudo sh FILE. It takes Debian 12's util-linux, "
              "coreutils and mount, and the image's layers in minirun's store: minirun load "
              "ARCHIVE puts them there. It exits as the program does, or with 125."),
      "#\n",
      comment("This file is read twice: by the shell that you start, on the host, and by another "
              "one that step clone starts, which is the container's first process and becomes the "
              "program. Each step says why it is there; its commands are those that minirun "
              "--debug shows. What no command can do says so: \"no shell equivalent\"."),
      "#\n",
      comment(
          "$host, $privileges and others are lists of words, to be split (SC2086); finish, pass "
          "and undo_N are called by traps (SC2317); a $ or ' in single quotes is the "
          "program's (SC2016, SC1003); 7 and 4 are two ends of one FIFO (SC2094):"),
      "# shellcheck disable=SC2086,SC2317,SC2016,SC1003,SC2094\n", part("both"));
}

/// The script can only name the layers; they were unpacked before.
std::string check_of_layers(const ContainerSpec& spec) {
  return cat("\nfor layer in ", shell_words(spec.lower), "; do\n  [ -d ",
             shell_quote(spec.store + "/overlay2"),
             "/\"$layer\" ] || {\n"
             "    complain \"layer $layer is not in the store: minirun load ARCHIVE\"\n"
             "    exit 125\n  }\ndone\n");
}

/// The options for all the namespaces that the child would make for itself, one a step.
std::string later_namespaces(const Plan& plan) {
  std::string options;
  for (const Step& step : plan) {
    const auto* made = std::get_if<ns::NewNamespace>(&step.op);
    if (made != nullptr) options += ns::unshare_options(made->flag);
  }
  return cat("namespaces=", shell_quote(options.substr(options.empty() ? 0 : 1)));
}

std::string step_text(const Plan& plan, size_t index) {
  const Step& step = plan[index];
  const auto number = std::to_string(index + 1);
  std::string text =
      cat("\n", rule(cat(number, " of ", plan.size(), ": ", step.id), '-'), comment(step.why),
          comment(cat("See ", step.see, ".")), "step='", step.id, "'\n");
  if (const std::string undone = undo_shell(step.op); !undone.empty()) {
    text += cat("undo_", number, "() {\n", layout(undone, "  "), "\n}\nundo=\"undo_", number,
                " $undo\"\n");
  }
  if (std::holds_alternative<ns::CloneChild>(step.op)) text += later_namespaces(plan) + "\n";
  return cat(text, layout(shell(step.op), ""), "\n");
}

}  // namespace

std::string script_of(const ContainerSpec& spec, const Plan& plan) {
  std::string text = header(spec);
  text += cat("\nif [ \"${1-}\" != child ]; then\n\n", rule("ON THE HOST", '='), "\n", part("host"),
              check_of_layers(spec));
  Side side = Side::host;
  for (size_t index = 0; index < plan.size(); ++index) {
    if (plan[index].side != side) {
      side = plan[index].side;
      text += side == Side::child
                  ? cat("\nfi\nif [ \"${1-}\" = child ]; then\n\n", rule("IN THE CONTAINER", '='),
                        "\n", part("child"))
                  : cat("\nfi\n\n", rule("ON THE HOST, meanwhile", '='),
                        "\n# A signal may have come before there was anybody to hand it to.\n"
                        "[ -z \"$ended\" ] || kill -KILL \"$child\"\n");
    }
    text += step_text(plan, index);
  }
  return text + "\nstep=\nexit \"$status\"  # and what was done is undone\n";
}

}  // namespace minirun
