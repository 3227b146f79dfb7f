#include "image/load/choose.h"

#include <algorithm>

#include "image/document/reference.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

std::string list(const std::vector<ArchiveImage>& found) {
  std::string lines;
  for (const ArchiveImage& image : found) {
    std::string names;
    for (const std::string& name : image.names)
      names += cat(names.empty() ? "" : ", ", printable(name));
    lines += cat("\n  ", names.empty() ? "<no name>" : names, "  ", image.id.short_hex(), "  ",
                 printable(image.platform.str()));
  }
  return lines;
}

bool is_called(const ArchiveImage& image, std::string_view wanted) {
  const auto name = normalise(wanted);
  if (name && std::find(image.names.begin(), image.names.end(), *name) != image.names.end())
    return true;
  if (!is_id_prefix(wanted)) return false;
  if (wanted.starts_with("sha256:")) wanted.remove_prefix(7);
  return image.id.hex().starts_with(wanted);
}

/// `--image v2` for the image x:v2, where none is called v2.
bool has_tag(const ArchiveImage& image, const std::string& wanted) {
  return std::any_of(image.names.begin(), image.names.end(),
                     [&](const std::string& name) { return name.ends_with(":" + wanted); });
}

std::vector<size_t> named(const std::vector<ArchiveImage>& found, const LoadOptions& options,
                          const std::string& archive) {
  std::vector<size_t> indexes;
  for (size_t i = 0; i < found.size(); ++i) {
    if (options.image_name.empty() || is_called(found[i], options.image_name)) indexes.push_back(i);
  }
  const bool none_is_called = indexes.empty();
  for (size_t i = 0; i < found.size() && none_is_called; ++i) {
    if (has_tag(found[i], options.image_name)) indexes.push_back(i);
  }
  if (indexes.empty()) {
    throw UsageError(cat("there is no image '", printable(options.image_name), "' in ", archive,
                         "; it holds:", list(found)),
                     "choose one with --image NAME:TAG, or with the first digits of its id");
  }
  return indexes;
}

/// The same names, or none, and another platform: what one index lists for several machines.
bool same_image(const ArchiveImage& one, const ArchiveImage& other) {
  return one.names == other.names && one.platform != other.platform;
}

}  // namespace

Platform wanted_platform(const LoadOptions& options) {
  return options.platform ? *options.platform : host_platform();
}

void refuse_platform(const std::string& archive, const std::string& made_for,
                     const LoadOptions& options) {
  const std::string wanted = wanted_platform(options).str();
  if (options.platform) {
    throw ImageError(
        cat(archive, ": the image is made for ", made_for, "; --platform asks for ", wanted),
        "leave --platform out, or name a platform that the archive has");
  }
  throw ImageError(
      cat(archive, ": the image is made for ", made_for, "; this machine is ", wanted),
      cat("save it for this machine (docker pull --platform ", wanted, "); --platform ",
          made_for.substr(0, made_for.find(',')), " loads it in spite of that"));
}

std::vector<size_t> choose(const std::vector<ArchiveImage>& found, const LoadOptions& options,
                           const std::string& archive) {
  const auto candidates = named(found, options, archive);
  const Platform wanted = wanted_platform(options);
  std::vector<size_t> fitting;
  std::string others;
  for (const size_t i : candidates) {
    if (matches(found[i].platform, wanted)) {
      fitting.push_back(i);
    } else if (const std::string name = printable(found[i].platform.str());
               others.find(name) == std::string::npos) {
      others += cat(others.empty() ? "" : ", ", name);
    }
  }
  if (fitting.empty()) refuse_platform(archive, others, options);
  if (options.all || fitting.size() == 1) return fitting;

  const ArchiveImage& first = found[fitting.front()];
  const bool one_image = std::all_of(fitting.begin() + 1, fitting.end(),
                                     [&](size_t i) { return same_image(first, found[i]); });
  if (one_image) {
    // arm/v7 and arm/v6 for an arm machine that did not say which: the exact one, else the first,
    // as the index prefers it.
    const auto exact = std::find_if(fitting.begin(), fitting.end(),
                                    [&](size_t i) { return found[i].platform == wanted; });
    return {exact == fitting.end() ? fitting.front() : *exact};
  }
  const bool all_named = std::none_of(
      found.begin(), found.end(), [](const ArchiveImage& image) { return image.names.empty(); });
  throw UsageError(cat(archive, " holds several images:", list(found)),
                   all_named
                       ? "choose one with --image NAME:TAG"
                       : "choose one with --image NAME:TAG, or with the first digits of its id");
}

}  // namespace minirun::image
