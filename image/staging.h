// A loader's own corner of the store: layers are unpacked there, and whatever is not committed goes
// with it, be it by an exception, an interrupt or (by gc) after a kill.
#pragma once

#include <cstdint>
#include <string>

#include "image/layer.h"
#include "image/store.h"
#include "runner/base/unique_fd.h"

namespace minirun::image {

class Staging {
 public:
  /// `max_size`: bytes of file content that all layers together may write; 0: nearly all that the
  /// file system has free.
  Staging(Store& store, uint64_t max_size);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  int fd() const { return area_.get(); }
  /// Makes "<number>/diff" and opens it; `dir` becomes its name.
  UniqueFd new_layer(std::string& dir);
  /// Never throws: what is left goes with the staging area, or by gc.
  void drop_layer(const std::string& dir) const;

  LayerLimits limits() const;
  void spend(uint64_t bytes) { left_ -= bytes < left_ ? bytes : left_; }

 private:
  const Store& store_;
  UniqueFd area_;
  uint64_t left_;
  int layers_ = 0;
};

}  // namespace minirun::image
