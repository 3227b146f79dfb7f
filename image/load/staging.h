// A loader's own corner of the store: layers are unpacked there, and whatever is not committed goes
// with it, be it by an exception, an interrupt or (by gc) after a kill.
#pragma once

#include <cstdint>
#include <string>

#include "image/layer/unpack.h"
#include "image/store/store.h"
#include "runner/base/unique_fd.h"

namespace minirun::image {

class Staging : public LayerPlace {
 public:
  /// `max_size`: bytes of file content that all layers together may write; 0: nearly all that the
  /// file system has free.
  Staging(Store& store, uint64_t max_size);
  ~Staging() override;

  int fd() const { return area_.get(); }
  /// Into "<number>/diff"; the directory's name is "<number>".
  ReadLayer unpack(ByteStream& bytes, const std::string& name) override;
  std::string copy(const std::string& dir) override;

 private:
  struct NewLayer;
  UniqueFd new_layer(std::string& dir);
  void drop_layer(const std::string& dir) const;

  const Store& store_;
  UniqueFd area_;
  uint64_t left_;
  int layers_ = 0;
};

}  // namespace minirun::image
