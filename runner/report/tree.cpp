#include "runner/report/tree.h"

#include <sys/stat.h>

#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "image/layer/dirs.h"
#include "image/layer/whiteouts.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

// A descriptor is open for each level. No useful program makes directories deeper than this, but a
// hostile one can.
constexpr size_t max_depth = 200;

bool is_byte_character(std::string_view character) {
  return character.size() == 3 && character[0] == '\xee' && (character[1] & 0xfc) == 0x80;
}

void add_byte(std::string& text, unsigned char byte) {
  text += '\xee';
  text += static_cast<char>(0x80 | (byte >> 6));
  text += static_cast<char>(0x80 | (byte & 0x3f));
}

char kind_of(const struct stat& status) {
  if (image::is_whiteout(status)) return 'w';
  return S_ISREG(status.st_mode) ? 'f' : type_letter(status.st_mode);
}

std::string octal(mode_t mode) {
  std::array<char, 8> digits{};
  return {digits.data(), std::to_chars(digits.begin(), digits.end(), mode & 07777, 8).ptr};
}

/// One directory on the way down.
struct Level {
  UniqueFd dir;
  std::vector<std::string> names;
  size_t next = 0;
};

class TreeWriter {
 public:
  std::string run(int top) {
    enter(files::open_at(top, ".", O_RDONLY | O_DIRECTORY));
    while (true) {
      Level& level = levels_.back();
      if (level.next < level.names.size()) {
        write(level.dir.get(), level.names[level.next++]);
        continue;
      }
      levels_.pop_back();
      if (levels_.empty()) return std::move(text_);
      text_ += ".\n";
    }
  }

 private:
  void enter(UniqueFd dir) {
    auto names = files::list_dir(dir.get(), ".");
    levels_.push_back({std::move(dir), std::move(names)});
  }

  void write(int dir, const std::string& name) {
    const auto status = files::stat_at(dir, name);
    if (!status) return;
    const char kind = kind_of(*status);
    if (kind == 'd') {
      UniqueFd below = files::open_at(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      add(image::is_opaque(below.get()) ? 'o' : 'd', *status, name);
      if (levels_.size() < max_depth) {
        enter(std::move(below));
      } else {
        text_ += "~\n.\n";
      }
      return;
    }
    add(kind, *status, name);
    if (kind != 'l') return;
    text_.back() = '\t';
    text_ += name_text(files::read_link(dir, name).value_or("")) + "\n";
  }

  void add(char kind, const struct stat& status, const std::string& name) {
    text_ += kind;
    text_ += octal(kind == 'w' ? 0 : status.st_mode);
    if (status.st_uid != 0 || status.st_gid != 0) {
      text_ += cat(",", status.st_uid, ",", status.st_gid);
    }
    const bool has_size = kind == 'f' || kind == 'l';
    text_ += cat(" ", has_size ? status.st_size : 0, " ", name_text(name), "\n");
  }

  std::vector<Level> levels_;
  std::string text_;
};

}  // namespace

std::string name_text(std::string_view name) {
  std::string text;
  while (!name.empty()) {
    const size_t length = utf8_length(name);
    const auto first = static_cast<unsigned char>(name[0]);
    const bool is_text = length != 0 && first >= 0x20 && first != 0x7f;
    if (is_text && !is_byte_character(name.substr(0, length))) {
      text += name.substr(0, length);
      name.remove_prefix(length);
    } else {
      add_byte(text, first);
      name.remove_prefix(1);
    }
  }
  return text;
}

std::string tree_text(int dir) { return TreeWriter().run(dir); }

}  // namespace minirun
