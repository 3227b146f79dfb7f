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

/// Both shells begin with this.
constexpr const char* prelude = R"sh(set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C  # otherwise programs of the host would read locales, and after pivot_root the image's
export PATH LC_ALL
umask 022
step=
complain() {
  echo "$0: $*" >&2
}
)sh";

/// Signals and the way out. 137 is 128 + KILL.
constexpr const char* host_prelude = R"sh(
[ "$(id -u)" -eq 0 ] || { complain 'run it as root: sudo sh FILE'; exit 125; }
[ -f "$0" ] || { complain 'save it to a file first, because it is read twice'; exit 125; }

undo=        # what to undo at the end, newest first
child=       # the container's first process begins below this one
relays=      # carry what the program writes
feeder=      # and what it reads
pty=         # with -t: script(1) is between us and the container's first process
status=125   # a step failed, until the program says otherwise
ended=       # the status, if it was a signal to us that ended the program
finish() {
  trap '' HUP INT QUIT TERM
  trap - EXIT
  set +e
  [ -z "$step" ] || complain "step $step failed"
  for each in $undo; do "$each"; done
  [ -z "$relays$feeder" ] || kill $relays $feeder 2> /dev/null
  [ "$status" -ne 137 ] || status=${ended:-137}
  exit "$status"
}
trap finish EXIT

# pass NAME NUMBER: hands a signal to the program. The kernel drops those that a pid 1 has no
# handler for (pid_namespaces(7)), so a program that does nothing about one that ends is killed. It
# has begun when the container's first process leads a session (step session); before, that ends.
pass() {
  came=yes
  ended=$((128 + $2))
  [ -n "$child" ] || return 0
  first='' stat='' does=0
  read -r first 2> /dev/null < "/proc/$child/task/$child/children" || :
  [ -z "$pty" ] || read -r first 2> /dev/null < "/proc/$first/task/$first/children" || :
  read -r stat 2> /dev/null < "/proc/$first/stat" || :
  stat=${stat##*) }       # the name may have spaces, then come: state, parent, group, session
  stat=${stat#* * * }
  if [ "${stat%% *}" = "$first" ]; then
    while read -r field mask; do
      case $field in SigBlk: | SigIgn: | SigCgt:) does=$((does | 0x$mask >> $2 - 1 & 1)) ;; esac
    done 2> /dev/null < "/proc/$first/status" || :
  fi
  if [ "$does" -eq 1 ]; then
    ended=
    kill -s "$1" "$first" || :
  else
    kill -KILL "${first:-$child}" || :
  fi
}
trap 'pass HUP 1' HUP
trap 'pass INT 2' INT
trap 'pass QUIT 3' QUIT
trap 'pass USR1 10' USR1
trap 'pass USR2 12' USR2
trap 'pass TERM 15' TERM
)sh";

constexpr const char* child_prelude = R"sh(
[ $$ -eq 1 ] || { complain 'this part is for the first process of a pid namespace'; exit 125; }
trap 'complain "step $step failed"; exit 125' EXIT
cd /usr  # $host ./bin/PROGRAM is one of the host's, on both sides of pivot_root
host=
# for the last step, collected on the way
session='' ctty='' privileges='' user='' reset='' signals='' workdir=/

# inside ROOT PATH: sets $at to where PATH of the container lies under ROOT. A symlink of the image
# to /run means the container's /run; until pivot_root it would lead to the host's. A process's
# links in /proc lead anywhere. (openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS does this
# in one call, and nobody can change a directory in between.)
inside() {
  at=$1 rest=$2 links=0
  while [ -n "$rest" ]; do
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    case $part in
      '' | .) ;;
      ..) [ "$at" = "$1" ] || at=${at%/*} ;;
      *)
        if [ -L "$at/$part" ]; then
          links=$((links + 1))
          case $links${at#"$1"}/ in
            41* | */proc/[0-9]*) complain "$2: leads too far, or out of the container"; exit 125 ;;
          esac
          link=$($host ./bin/readlink -n "$at/$part" && echo /)  # the / keeps a newline at the end
          rest=$link$rest
          case $link in /*) at=$1 ;; esac
        else
          at=$at/$part
        fi
        ;;
    esac
  done
}
)sh";

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
      "# shellcheck disable=SC2086,SC2317,SC2016,SC1003,SC2094\n", prelude);
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
  text += cat("\nif [ \"${1-}\" != child ]; then\n\n", rule("ON THE HOST", '='), host_prelude,
              check_of_layers(spec));
  Side side = Side::host;
  for (size_t index = 0; index < plan.size(); ++index) {
    if (plan[index].side != side) {
      side = plan[index].side;
      text += side == Side::child
                  ? cat("\nfi\nif [ \"${1-}\" = child ]; then\n\n", rule("IN THE CONTAINER", '='),
                        child_prelude)
                  : cat("\nfi\n\n", rule("ON THE HOST, meanwhile", '='),
                        "\n# A signal may have come before there was anybody to hand it to.\n"
                        "[ -z \"$ended\" ] || kill -KILL \"$child\"\n");
    }
    text += step_text(plan, index);
  }
  return text + "\nstep=\nexit \"$status\"  # and what was done is undone\n";
}

}  // namespace minirun
