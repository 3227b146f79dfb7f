// What all packed formats need besides a decoder: an input buffer, one member after another, zeros
// at the end, and error messages.
//
//     member | member | ... | zeros
//
// A decoder decodes one member. The code here finds out that a stream is truncated or goes on with
// other bytes, in the same way for all formats.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/stream/decompress.h"

namespace minirun::image {

/// One format's decoder, for one member at a time.
class Decoder {
 public:
  virtual ~Decoder() = default;
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  enum class State { more, member_end, damaged };
  struct Result {
    State state;
    std::string_view why = {};  ///< of damaged: "its checksum is wrong"
  };
  /// Prepares for a member's first byte.
  virtual void begin() = 0;
  /// Reads from the front of `input`, writes to the front of `output`, and removes from both what
  /// it used.
  virtual Result decode(std::span<const std::byte>& input, std::span<std::byte>& output) = 0;
};

class PackedStream : public ByteStream {
 public:
  /// `packed` is borrowed; `name` is what messages call it.
  PackedStream(Compression format, std::unique_ptr<Decoder> decoder, ByteStream& packed,
               std::string name);
  size_t read(std::span<std::byte> into) override;

 private:
  void want(size_t length);
  bool begin_member();
  void check_padding();
  void decode(std::span<std::byte>& output);
  [[noreturn]] void fail(std::string_view what) const;

  Compression format_;
  std::unique_ptr<Decoder> decoder_;
  ByteStream& packed_;
  std::string name_;
  std::vector<std::byte> buffer_;
  std::span<const std::byte> input_;  // the rest in buffer_
  bool source_ended_ = false;
  bool in_member_ = false;
  bool first_member_ = true;
};

}  // namespace minirun::image
