#include "namespaces/limits.h"

#include <algorithm>
#include <array>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {

namespace {

constexpr const char* default_coredump_filter = "0x33";  // core(5)

std::string_view resource_name(int resource);
std::string words_of(rlim_t value);

/// As strace(1) prints a limit.
std::string limit_text(rlim_t value);

int set(int resource, rlim_t soft, rlim_t hard);

/// As near to `limit` as the hard limit that we have lets us come.
int set_within_hard(const Limit& limit);

/// A hard limit below the soft one that a container has is the caller's, and the program meets it.
void note_if_felt(const Limit& limit, Live& live);

}  // namespace

void SetLimits::apply(Live& live) const {
  for (const Limit& limit : limits) {
    if (set(limit.resource, limit.soft, limit.hard) == 0) continue;
    const int number = errno;
    const bool must = std::find(exact.begin(), exact.end(), limit.resource) != exact.end();
    if (!must && number == EPERM && set_within_hard(limit) == 0) {
      note_if_felt(limit, live);
      continue;
    }
    throw SysError(number,
                   cat("setrlimit ", resource_name(limit.resource), " ", words_of(limit.soft), ":",
                       words_of(limit.hard)),
                   number == EPERM
                       ? "raising a hard limit needs CAP_SYS_RESOURCE, and nofile can't pass "
                         "/proc/sys/fs/nr_open"
                       : "");
  }
  if (!has_proc) return;
  files::write_existing("/proc/self/coredump_filter", default_coredump_filter);
  const std::string score = std::to_string(oom_score_adj.value_or(0));
  const UniqueFd file = files::open_at(AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY);
  if (::write(file.get(), score.data(), score.size()) != -1) return;
  // EACCES: the caller has a higher value, and we may not lower it. That does no harm if nobody
  // asked for this one: the container is only killed earlier.
  if (errno == EACCES && !oom_score_adj) return;
  const int number = errno;
  throw SysError(number, cat("write ", score, " to /proc/self/oom_score_adj"),
                 number == EACCES ? "a value below the present one takes CAP_SYS_RESOURCE" : "");
}

std::string SetLimits::shell() const {
  const auto loop = [this](bool must, const char* otherwise) {
    std::string words;
    for (const Limit& limit : limits) {
      if ((std::find(exact.begin(), exact.end(), limit.resource) != exact.end()) != must) continue;
      words += cat(" ", resource_name(limit.resource), "=", words_of(limit.soft), ":",
                   words_of(limit.hard));
    }
    return words.empty()
               ? ""
               : cat("for limit in", words, "; do\n  $host ./bin/prlimit --pid $$ \"--$limit\"",
                     otherwise, "\ndone\n");
  };
  return cat(
      loop(true, ""),
      loop(false,
           " 2> /dev/null ||\n    $host ./bin/prlimit --pid $$ \"--${limit%:*}:\" 2> /dev/null ||\n"
           "    :  # the hard limit can't be raised"),
      has_proc ? cat("echo ", default_coredump_filter,
                     " > /proc/self/coredump_filter\n"
                     "echo ",
                     oom_score_adj.value_or(0), " > /proc/self/oom_score_adj")
               : "");
}

// prlimit64 is what the C library's setrlimit(2) calls. Where one fails because it may not be
// raised, the same follows with what may be had.
std::vector<std::string> SetLimits::calls() const {
  std::vector<std::string> list;
  for (const Limit& limit : limits) {
    std::string resource = "RLIMIT_";
    for (const char c : resource_name(limit.resource)) resource += static_cast<char>(c - 'a' + 'A');
    list.push_back(
        call("prlimit64", 0, resource,
             cat("{rlim_cur=", limit_text(limit.soft), ", rlim_max=", limit_text(limit.hard), "}"),
             "NULL"));
  }
  if (has_proc) {
    list.push_back(
        call("write", unknown("/proc/self/coredump_filter"), c_string(default_coredump_filter), 4));
    const std::string score = std::to_string(oom_score_adj.value_or(0));
    list.push_back(
        call("write", unknown("/proc/self/oom_score_adj"), c_string(score), score.size()));
  }
  return list;
}

std::string SetLimits::look() const {
  return "cat /proc/$PID/limits /proc/$PID/oom_score_adj /proc/$PID/coredump_filter";
}

namespace {

struct Name {
  int resource;
  std::string_view name;  // --ulimit's, and prlimit(1)'s option
};

constexpr auto names = std::to_array<Name>({
    {RLIMIT_AS, "as"},
    {RLIMIT_CORE, "core"},
    {RLIMIT_CPU, "cpu"},
    {RLIMIT_DATA, "data"},
    {RLIMIT_FSIZE, "fsize"},
    {RLIMIT_LOCKS, "locks"},
    {RLIMIT_MEMLOCK, "memlock"},
    {RLIMIT_MSGQUEUE, "msgqueue"},
    {RLIMIT_NICE, "nice"},
    {RLIMIT_NOFILE, "nofile"},
    {RLIMIT_NPROC, "nproc"},
    {RLIMIT_RSS, "rss"},
    {RLIMIT_RTPRIO, "rtprio"},
    {RLIMIT_RTTIME, "rttime"},
    {RLIMIT_SIGPENDING, "sigpending"},
    {RLIMIT_STACK, "stack"},
});

std::string_view resource_name(int resource) {
  const auto found = std::find_if(names.begin(), names.end(), [resource](const Name& name) {
    return name.resource == resource;
  });
  return found == names.end() ? "unknown" : found->name;
}

std::string words_of(rlim_t value) {
  return value == RLIM_INFINITY ? "unlimited" : std::to_string(value);
}

std::string limit_text(rlim_t value) {
  if (value == RLIM_INFINITY) return "RLIM64_INFINITY";
  const bool in_kibibytes = value > 1024 && value % 1024 == 0;
  return in_kibibytes ? cat(value / 1024, "*1024") : std::to_string(value);
}

int set(int resource, rlim_t soft, rlim_t hard) {
  const struct rlimit wanted { soft, hard };
  return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &wanted);
}

int set_within_hard(const Limit& limit) {
  struct rlimit now {};
  if (::getrlimit(static_cast<__rlimit_resource_t>(limit.resource), &now) == -1) return -1;
  return set(limit.resource, std::min(limit.soft, now.rlim_max),
             std::min(limit.hard, now.rlim_max));
}

void note_if_felt(const Limit& limit, Live& live) {
  struct rlimit now {};
  if (::getrlimit(static_cast<__rlimit_resource_t>(limit.resource), &now) == -1) return;
  if (now.rlim_cur >= limit.soft || limit.resource == RLIMIT_NPROC) return;
  live.note += cat(live.note.empty() ? "the caller's hard limits stay, since raising one takes "
                                       "CAP_SYS_RESOURCE: "
                                     : ", ",
                   resource_name(limit.resource), " ", words_of(now.rlim_cur));
}

/// "-1" and "unlimited" are infinity.
rlim_t parse_value(std::string_view text, std::string_view whole) {
  if (text == "-1" || text == "unlimited") return RLIM_INFINITY;
  const auto value = parse_number(text, RLIM_INFINITY - 1);
  if (!value) {
    throw UsageError(cat("--ulimit ", printable(whole), ": no number: ", printable(text)),
                     "write NAME=SOFT or NAME=SOFT:HARD, as in nofile=1024:2048; -1 is unlimited");
  }
  return *value;
}

}  // namespace

std::vector<Limit> default_limits() {
  constexpr rlim_t unlimited = RLIM_INFINITY;
  return {{RLIMIT_AS, unlimited, unlimited},
          {RLIMIT_CORE, 0, unlimited},
          {RLIMIT_CPU, unlimited, unlimited},
          {RLIMIT_DATA, unlimited, unlimited},
          {RLIMIT_FSIZE, unlimited, unlimited},
          {RLIMIT_LOCKS, unlimited, unlimited},
          {RLIMIT_MEMLOCK, 8 << 20, 8 << 20},
          {RLIMIT_MSGQUEUE, 819200, 819200},
          {RLIMIT_NICE, 0, 0},
          {RLIMIT_NOFILE, 1024, 524288},
          {RLIMIT_NPROC, unlimited, unlimited},
          {RLIMIT_RSS, unlimited, unlimited},
          {RLIMIT_RTPRIO, 0, 0},
          {RLIMIT_RTTIME, unlimited, unlimited},
          {RLIMIT_STACK, 8 << 20, unlimited}};
}

Limit parse_limit(std::string_view text) {
  const size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const Name& known) { return known.name == name; });
  if (found == names.end()) {
    std::string known;
    for (const Name& each : names) known += cat(known.empty() ? "" : ", ", each.name);
    throw UsageError(cat("--ulimit ", printable(text), ": no limit is called ", printable(name)),
                     "there are " + known);
  }
  const std::string_view values = equals == std::string_view::npos ? "" : text.substr(equals + 1);
  const size_t colon = values.find(':');
  Limit limit{found->resource, parse_value(values.substr(0, colon), text), 0};
  limit.hard =
      colon == std::string_view::npos ? limit.soft : parse_value(values.substr(colon + 1), text);
  if (limit.soft > limit.hard) {
    throw UsageError(cat("--ulimit ", printable(text), ": the soft limit is above the hard one"),
                     "write NAME=SOFT:HARD");
  }
  return limit;
}

void set_limit(std::vector<Limit>& limits, const Limit& limit) {
  const auto same = std::find_if(limits.begin(), limits.end(), [&](const Limit& other) {
    return other.resource == limit.resource;
  });
  if (same == limits.end()) {
    limits.push_back(limit);
  } else {
    *same = limit;
  }
}

}  // namespace minirun::ns
