// Splits the path of a layer's entry: its place, and whether its name is a mark for overlay.
//
//     ./usr//bin/ls      parent "usr/bin", name "ls"
//     /etc/.wh.shadow    parent "etc", name "shadow", a whiteout
//     var/.wh..wh..opq   parent "var", an opaque mark
//
// Source: image-spec, layer.md "Whiteouts", "Opaque Whiteout".
#pragma once

#include <string>
#include <string_view>

namespace minirun::image {

enum class EntryMark {
  none,
  whiteout,  ///< hides `name` of the layers below
  opaque,    ///< hides all that the layers below have in `parent`
  ignored    ///< ".wh..wh.*": internal files of AUFS, Docker's first storage driver
};

struct LayerPath {
  std::string parent;  ///< relative, without "." and empty parts; empty for the layer's root
  std::string name;    ///< the last part; empty for the root itself and for an opaque mark
  EntryMark mark = EntryMark::none;

  bool is_root() const { return name.empty() && mark == EntryMark::none; }
  std::string str() const { return parent.empty() ? name : parent + "/" + name; }
};

/// Throws ImageError that begins with `where`: "..", a part over 255 bytes, a path over 4,095, or a
/// whiteout without a name.
LayerPath parse_layer_path(std::string_view path, const std::string& where);

}  // namespace minirun::image
