#include "runner/base/error.h"

#include <cstring>

namespace minirun {

SysError::SysError(int number, const std::string& attempt, std::string hint)
    : Error(cat(attempt, ": ", errno_words(number)), std::move(hint)),
      number_(number),
      attempt_(attempt) {}

std::string_view errno_words(int number) {
  const char* words = ::strerrordesc_np(number);
  return words == nullptr ? "Unknown error" : words;
}

}  // namespace minirun
