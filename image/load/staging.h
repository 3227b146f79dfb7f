// A loader's own directory in the store. Layers are unpacked there. What is not committed is
// removed with it: after an exception, after an interrupt, or by gc after a kill.
#pragma once

#include <cstdint>
#include <string>

#include "image/layer/unpack.h"
#include "image/store/store.h"
#include "runner/base/unique_fd.h"

namespace minirun::image {

class Staging : public LayerPlace {
 public:
  /// `max_size`: how many bytes all layers together may take on disk; 0: nearly all that
  /// is free on the file system.
  Staging(Store& store, uint64_t max_size);
  ~Staging() override;

  int fd() const { return area_.get(); }
  /// Layers are about to leave for the store. If it doesn't come to its end, the store removes
  /// those that no image names.
  void commit_begins() { is_committing_ = true; }
  void commit_ends() { is_committing_ = false; }
  /// Unpacks into "<number>/diff". The layer's name is "<number>".
  ReadLayer unpack(ByteStream& bytes, const std::string& name) override;
  std::string copy(const std::string& dir) override;

 private:
  struct NewLayer;
  UniqueFd new_layer(std::string& dir);
  void drop_layer(const std::string& dir) const;

  Store& store_;
  StagingArea area_;
  uint64_t left_;
  int layers_ = 0;
  bool is_committing_ = false;
};

}  // namespace minirun::image
