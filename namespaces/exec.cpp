#include "namespaces/exec.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "namespaces/elf.h"
#include "namespaces/memfd.h"
#include "namespaces/workdir.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

constexpr unsigned char stub_bytes[] = {
#include "exec_stub.inc"
};
const std::string_view stub(reinterpret_cast<const char*>(stub_bytes), sizeof stub_bytes);

// A script whose interpreter is a script...: execve(2), "Interpreter scripts".
constexpr int max_interpreters = 5;

/// What the kernel would start in the program's place: the interpreter of a script or the dynamic
/// loader. Empty if there is none.
std::string interpreter_of(int program) {
  std::array<char, 256> line{};  // as much as the kernel looks at: BINPRM_BUF_SIZE
  const ssize_t got = ::pread(program, line.data(), line.size() - 1, 0);
  const std::string_view text(line.data(), got > 0 ? static_cast<size_t>(got) : 0);
  if (!text.starts_with("#!")) return elf_interpreter(program).value_or("");
  const size_t start = text.find_first_not_of(" \t", 2);
  if (start == std::string_view::npos) return {};
  return std::string(text.substr(start, text.find_first_of(" \t\n", start) - start));
}

/// Whether `path`, or what starts in its place, is a link of /proc: /proc/self/exe is what a
/// hostile image tries. It would find the stub and no file of the host; this is for a clear word.
bool leads_through_proc(std::string path) {
  for (int level = 0; level < max_interpreters; ++level) {
    const UniqueFd program(open_inside(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
    if (!program) return errno == ELOOP;
    path = interpreter_of(program.get());
    if (path.empty()) return false;
  }
  return false;
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (const std::string& string : strings) result.push_back(const_cast<char*>(string.c_str()));
  result.push_back(nullptr);
  return result;
}

/// Where the program may be: as it is if it has a "/", else in each directory of PATH.
std::vector<std::string> candidates(const Exec& exec) {
  const std::string& name = exec.argv.front();
  if (name.find('/') != std::string::npos) return {name};
  std::vector<std::string> found;
  for (const std::string_view dir : split(path_variable(exec.env), ':')) {
    found.push_back(cat(dir.empty() ? "." : dir, "/", name));
  }
  return found;
}

/// The stub, in a memory file that nobody can change.
UniqueFd load_stub() {
  UniqueFd memory = make_program_memory("minirun");
  files::write_all(memory.get(), stub, "the memory file");
  seal(memory.get());
  return memory;
}

/// Executes the stub, which executes `path`. Comes back only if the stub can't be.
void execute(const Exec& exec, const std::string& path, int channel) {
  std::vector<std::string> words = {exec.init ? "init" : "exec", std::to_string(channel), path};
  words.insert(words.end(), exec.argv.begin(), exec.argv.end());
  const std::vector<char*> arguments = pointers(words);
  const std::vector<char*> environment = pointers(exec.env);
  const UniqueFd memory = load_stub();
  check(::fcntl(channel, F_SETFD, 0), "fcntl F_SETFD");  // open in the stub, closed in the program
  ::syscall(SYS_execveat, memory.get(), "", arguments.data(), environment.data(), AT_EMPTY_PATH);
}

}  // namespace

std::string_view path_variable(const std::vector<std::string>& env) {
  for (const std::string& variable : env) {
    if (variable.starts_with("PATH=")) return std::string_view(variable).substr(5);
  }
  return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

ExecError cannot_execute(const std::string& path, int error) {
  const std::string what = cat("cannot execute ", path, ": ", errno_words(error));
  switch (error) {
    case EACCES:
      return {126, what,
              "it is a directory or has no execute permission for this user; see -u and chmod(1)"};
    case ENOEXEC:
      return {126, what, "it is made for another architecture, or is a script without a #! line"};
    case ENOENT:  // the file is there: what it needs is not
      return {127, what,
              "the file exists, but its interpreter (the #! line, or the dynamic loader) is not in "
              "the image"};
    case E2BIG:
      return {
          126, what,
          "its arguments and environment are longer than the kernel takes (execve(2), \"Limits on "
          "size\"); give them in a file"};
    case ETXTBSY:
      return {126, what, "the file is open for writing: wait until it is written (see fuser)"};
    case EAGAIN:
      return {126, what,
              "the user that it would run as has as many processes as it may have: ulimit -u, or "
              "another user with -u"};
    case ELOOP:
      return {126, what, "its interpreter is a script, whose interpreter is one, and so on"};
    default:
      return {126, what, usual_cause(error)};
  }
}

// LESSON: exec
void Exec::apply(Live& live) const {
  std::string denied;  // as execvp(3): what may not be executed is passed over, and said if nothing
                       // else is found
  for (const std::string& path : candidates(*this)) {
    // Not from `cwd`: what is looked at has to be what execve(2) finds, even where nobody went
    // there (--skip workdir).
    const std::string absolute = path.starts_with('/') ? path : cat(current_dir(), "/", path);
    const UniqueFd there(open_inside(absolute, O_PATH));
    const int missing = there ? 0 : errno;
    if (missing == ENOENT || missing == ENOTDIR) continue;
    if (leads_through_proc(absolute)) {
      throw ExecError(126,
                      cat("cannot execute ", path, ": it leads to minirun's own process by /proc"),
                      "a link of /proc can't be a program here (CVE-2019-5736)");
    }
    struct stat status {};
    const bool is_file = there && ::fstat(there.get(), &status) == 0 && S_ISREG(status.st_mode);
    if (!is_file || ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == -1) {
      if (denied.empty()) denied = path;
      continue;
    }
    execute(*this, path, live.channel.get());
    throw cannot_execute(path, errno);
  }
  if (!denied.empty()) throw cannot_execute(denied, EACCES);
  const bool has_slash = argv.front().find('/') != std::string::npos;
  throw ExecError(127,
                  cat("cannot execute ", argv.front(), ": ",
                      has_slash ? "no such file in the image" : "not found in PATH"),
                  has_slash ? "" : cat("PATH is ", path_variable(env)));
}

// What the steps before have put together happens here: a shell can't change its own session, user
// and capabilities, so programs of the host do it on the way, each becoming the next.
std::string Exec::shell() const {
  if (argv.front().find('=') != std::string::npos) {
    return "# no shell equivalent: env(1) takes a program with = in its name for a variable\nexit "
           "125";
  }
  // With --init this shell stays pid 1. minirun's init gives up its powers as well.
  std::string line = init ? "trap - EXIT\n" : "";
  line +=
      "# each of these becomes the next: session, capabilities, user, fate, environment, program\n";
  line += init ? "" : "exec ";
  line +=
      "${session:+$host ./bin/setsid $ctty} $host ./bin/setpriv $privileges \\\n"
      "  $host ./sbin/chroot $user --skip-chdir / $host ./bin/setpriv $reset \\\n"
      "  $host ./bin/env -i $signals -C \"$workdir\" --";
  for (const std::string& variable : env) line += cat(" \\\n  ", shell_quote(variable));
  line += cat(" \\\n  ", shell_words(argv));
  if (!init) return line;
  line += " <&0 &\nprogram=$!\n";
  for (const char* name : {"HUP", "INT", "QUIT", "USR1", "USR2", "TERM"}) {
    line += cat("trap 'kill -", name, " \"$program\" 2> /dev/null' ", name, "\n");
  }
  return line +
         "status=129\n"
         "while [ \"$status\" -gt 128 ] && kill -0 \"$program\" 2> /dev/null; do\n"
         "  status=0\n"
         "  wait \"$program\" || status=$?\n"
         "done\n"
         "exit \"$status\"";
}

// In which directory of PATH the program is, is found out inside.
std::vector<std::string> Exec::calls() const {
  const std::string& name = argv.front();
  const bool has_slash = name.find('/') != std::string::npos;
  std::string words;
  for (const std::string& word : argv) {
    words += cat(words.empty() ? "" : ", ", c_string(word, most_of_content));
  }
  const std::string path = c_string(has_slash ? name : cat("<found in PATH>/", name));
  const std::string variables = cat("/* ", env.size(), env.size() == 1 ? " var */" : " vars */");
  const std::string channel = unknown("channel");
  std::vector<std::string> list = {
      call("memfd_create", c_string("minirun"), unknown("MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_EXEC")),
      call("write", unknown("memfd"), c_string(stub, 4), stub.size()),
      call("fcntl", unknown("memfd"), "F_ADD_SEALS",
           "F_SEAL_SEAL|F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE"),
      call("fcntl", channel, "F_SETFD", 0),
      call("execveat", unknown("memfd"), c_string(""),
           cat("[", c_string(init ? "init" : "exec"), ", ", c_string("<the channel's number>"),
               ", ", path, ", ", words, "]"),
           variables, "AT_EMPTY_PATH"),
      call("fcntl", channel, "F_SETFD", "FD_CLOEXEC")};
  const std::string program = call("execve", path, cat("[", words, "]"), variables);
  if (!init) {
    list.push_back(program);
    return list;
  }
  // It blocks all signals, to take them one by one, and its child becomes the program.
  append(list,
         {call("rt_sigprocmask", "SIG_BLOCK", "~[]", "NULL", 8),
          call("clone", "child_stack=NULL", "flags=SIGCHLD"), call("close", channel),
          call("prctl", "PR_SET_NAME", c_string("init")), call("signalfd4", -1, "~[]", 8, 0),
          call("setpgid", 0, 0) + " /* by its child, if there is a terminal */",
          call("ioctl", 0, "TIOCSPGRP", "[2]") + " /* by its child, if there is a terminal */",
          call("rt_sigprocmask", "SIG_SETMASK", "[]", "NULL", 8) + " /* by its child */",
          program + " /* by its child */"});
  return list;
}

std::string Exec::look() const { return "tr '\\0' ' ' < /proc/$PID/cmdline"; }

}  // namespace minirun::ns
