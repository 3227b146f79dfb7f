// The smallest tree of comparisons over ranges of system call numbers; for seccomp_compile.cpp
// only.
//
//     numbers    0 ........ 57 ....... 134 .. 298 299 ....
//     verdict    allow    │ clone │ allow  ...  EPERM  allow
//
// There are two kinds of comparison. "This number or above?" divides the ranges into two parts.
// "Exactly this number?" takes one number out, and its two neighbours become one range. The code
// tries every first comparison, and remembers the best tree for each rest (dynamic programming). 80
// ranges take a millisecond.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace minirun::ns {

/// What the filter does with a call: it answers, or checks one argument first.
enum class Verdict { allow, eperm, enosys, kill, clone, ioctl, personality, socket };

/// All numbers from `first` up to the next range have this verdict. The last range has no end.
struct Range {
  unsigned first;
  Verdict verdict;
};

/// The best first comparison for some ranges, and the size and depth of the whole tree.
struct Choice {
  size_t size = 0, depth = 0;
  size_t at = 0;           ///< the range that the comparison names
  bool exception = false;  ///< compares with exactly that number; else with it and all above
};

class Tree {
 public:
  explicit Tree(std::vector<Range> ranges)
      : ranges_(std::move(ranges)), best_(ranges_.size() * (ranges_.size() + 1)) {}

  const std::vector<Range>& ranges() const { return ranges_; }

  /// For the ranges [begin, end), at least one.
  Choice choose(size_t begin, size_t end) {
    Known& known = best_[begin * (ranges_.size() + 1) + end];
    if (!known.done) known = {find(begin, end), true};
    return known.choice;
  }

 private:
  struct Known {
    Choice choice;
    bool done = false;
  };

  Choice find(size_t begin, size_t end) {
    if (end - begin == 1) return {};
    Choice best;
    best.size = SIZE_MAX;
    const auto consider = [&best](const Choice& one, const Choice& other, size_t at,
                                  bool exception) {
      const Choice made{1 + one.size + other.size, 1 + std::max(one.depth, other.depth), at,
                        exception};
      if (std::pair(made.size, made.depth) < std::pair(best.size, best.depth)) best = made;
    };
    for (size_t at = begin + 1; at < end; ++at) {
      consider(choose(begin, at), choose(at, end), at, false);
    }
    if (end - begin >= 3 && is_exception(begin + 1)) {
      consider(choose(begin + 2, end), {}, begin + 1, true);
    }
    if (end - begin >= 3 && is_exception(end - 2)) {
      consider(choose(begin, end - 2), {}, end - 2, true);
    }
    return best;
  }

  /// One number between two ranges of one verdict.
  bool is_exception(size_t range) const {
    return ranges_[range].first + 1 == ranges_[range + 1].first &&
           ranges_[range - 1].verdict == ranges_[range + 1].verdict;
  }

  std::vector<Range> ranges_;
  std::vector<Known> best_;  // by begin and end
};

}  // namespace minirun::ns
