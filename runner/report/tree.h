// All that lies in a directory, as text for the report's page: a line an entry, depth first, each
// directory's names sorted by their bytes. A path's beginning stands once, in the directory's own
// line, so 100,000 paths take 3 MB and not 8.
//
//     d755 0 bin                  a directory; its entries follow ...
//     f4755,0,42 35128 su         kind and mode (octal), owner and group unless root's; size; name
//     l777 4 sh<tab>dash          a symlink, and where it points
//     .                           ... until here
//     o755 0 opt                  a directory that is opaque: it hides what lies below it
//     w0 0 core                   a whiteout (a character device 0:0)
//     d755 0 deep
//     ~                           has not been looked into: too deep
//     .
//
// Kinds: d directory, o opaque directory, f file, l symlink, w whiteout, c b p s as in ls(1).
//
// A name is bytes; a page's text is Unicode. Bytes that are no valid UTF-8, control characters, and
// the characters U+E000 to U+E0FF themselves stand as U+E000 + byte, a character each: so no two
// names are the same text, and the page can show each such byte as \xNN.
//
// Read by: report/paths.js.
#pragma once

#include <string>
#include <string_view>

namespace minirun {

/// The tree below an open directory; its own entry is not in it. Throws SysError.
std::string tree_text(int dir);

/// A name as it stands in the tree.
std::string name_text(std::string_view name);

}  // namespace minirun
