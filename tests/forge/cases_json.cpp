// Cases 56a to 62: JSON whose keys are in another case, or that is deep, double, of the wrong type, out of range, broken or endless.
#include "runner/base/error.h"
#include "tests/forge/cases.h"
#include "tests/forge/program.h"

namespace minirun::forge {
namespace {

Product with_manifest(const std::string& text) {
  Files files = legacy({hello_image()});
  member(files, "manifest.json").bytes = text;
  return archive(files);
}

/// The legacy form with `from` in manifest.json made `to`.
Product changed_manifest(std::string_view from, std::string_view to) {
  Files files = legacy({hello_image()});
  change(files, "manifest.json", from, to);
  return archive(files);
}

Product with_config(const std::string& text) {
  Image image = hello_image();
  image.config = text;
  return archive(legacy({image}));
}

/// The legacy form with `from` in the config made `to`; the config's name is right for its new
/// text.
Product changed_config(std::string_view from, std::string_view to) {
  Files files = {{"config", config_text(hello_image())}};
  change(files, "config", from, to);
  return with_config(files[0].bytes);
}

Product with_run(const Members& run) {
  Image image = hello_image();
  image.run = run;
  return archive(legacy({image}));
}

Product changed_index(std::string_view from, std::string_view to) {
  Files files = oci({oci_image(hello_image())});
  change(files, "index.json", from, to);
  return archive(files);
}

Product changed_oci_manifest(std::string_view from, std::string_view to) {
  const OciImage image = oci_image(hello_image());
  Files one = {{"manifest", image.manifest()}};
  change(one, "manifest", from, to);
  Files blobs = image.blobs;
  blobs.push_back(blob(one[0].bytes));
  return archive(oci_layout(index_text({describe(manifest_type, one[0].bytes)}), blobs));
}

std::string brackets() { return std::string(1'000'000, '['); }

/// manifest.json of 1 GiB: spaces, then what would be right.
Product endless() {
  constexpr uint64_t gib = 1 << 30;
  Files files = legacy({hello_image()});
  const std::string text = member(files, "manifest.json").bytes;
  std::erase_if(files, [](const File& file) { return file.name == "manifest.json"; });
  Header header;
  header.name = "manifest.json";
  Tar end;
  end.add_sized(header, 0, text + std::string(512 - text.size() % 512, ' '));
  return ArchiveFile{GzipStream()
                         .add(archive_of(files).open_ended())
                         .add(header_block(header, gib + end.open_ended().size() - 512))
                         .add(std::string(1 << 20, ' '), 1024)
                         .add(end.open_ended().substr(512))
                         .add(std::string(1024, '\0'))
                         .finish()};
}

constexpr std::string_view cmd = R"("Cmd":["/hello"])";
constexpr std::string_view env = R"("Env":["PATH=/bin:/usr/bin"])";
constexpr std::string_view version = "{\"schemaVersion\":2";

constexpr Case cases[] = {
    {"good-keys-in-lower-case", "guix pack: env, entrypoint, cmd",
     [](const Options&) {
       return with_run({{"env", R"(["PATH=/bin"])"}, {"entrypoint", R"(["/hello"])"}});
     }},
    {"good-strange-labels", "config: labels with a key twice, half a surrogate pair, Latin-1",
     [](const Options&) {
       return with_run({{"Cmd", R"(["/hello"])"},
                        {"Labels", "{\"a\":\"\\ud800\",\"a\":7,\"by\":\"M\xfcller\"}"}});
     }},
    {"case-56a-user-in-lower-case", "config: `user` is 1000, and the program exits with its euid",
     [](const Options&) {
       Image image;
       image.layers = {{Tar().file("euid", program_that_exits_with_euid(), 0755).bytes()}};
       image.run = {{"Cmd", R"(["/euid"])"}, {"user", R"("77")"}};
       return archive(legacy({image}));
     }},
    {"case-56a-two-users", "config: User and user, which differ",
     [](const Options&) {
       return with_run({{"Cmd", R"(["/hello"])"}, {"User", R"("1000")"}, {"user", R"("0")"}});
     }},
    {"case-56a-two-layers", "manifest.json: Layers and layers",
     [](const Options&) { return changed_manifest("\"Layers\":", "\"layers\":[],\"Layers\":"); }},
    {"case-57-manifest", "manifest.json is 10^6 times [",
     [](const Options&) { return with_manifest(brackets()); }},
    {"case-57-config", "the config is 10^6 times [",
     [](const Options&) { return with_config(brackets()); }},
    {"case-57-unknown-member", "an unknown member of the config is 200,000 deep, and closed",
     [](const Options&) {
       return changed_config(
           cmd, cat(cmd, ",\"x\":", std::string(200'000, '['), std::string(200'000, ']')));
     }},
    {"case-57-index", "index.json is 800,000 times {\"a\":",
     [](const Options&) {
       std::string deep;
       for (int i = 0; i < 800'000; ++i) deep += "{\"a\":";
       return archive(oci_layout(deep, {}));
     }},
    {"case-58-manifest", "manifest.json: Layers twice",
     [](const Options&) { return changed_manifest("\"Layers\":", "\"Layers\":[],\"Layers\":"); }},
    {"case-58-config", "config: rootfs twice",
     [](const Options&) { return changed_config("\"rootfs\":", "\"rootfs\":{},\"rootfs\":"); }},
    {"case-58-nested", "config: Cmd twice",
     [](const Options&) { return changed_config("\"Cmd\":", "\"Cmd\":[\"/other\"],\"Cmd\":"); }},
    {"case-58-index", "index.json: manifests twice",
     [](const Options&) {
       return changed_index("\"manifests\":", "\"manifests\":[],\"manifests\":");
     }},
    {"case-58-escaped", "config: Cmd twice, once written with an escape",
     [](const Options&) {
       return changed_config("\"Cmd\":", "\"\\u0043md\":[\"/other\"],\"Cmd\":");
     }},
    {"case-59-layers-number", "manifest.json: Layers is a number",
     [](const Options&) { return changed_manifest("\"Layers\":", "\"Layers\":7,\"Was\":"); }},
    {"case-59-layers-of-numbers", "manifest.json: Layers holds a number",
     [](const Options&) { return changed_manifest("\"Layers\":[", "\"Layers\":[7,"); }},
    {"case-59-config-number", "manifest.json: Config is a number",
     [](const Options&) { return changed_manifest("\"Config\":", "\"Config\":7,\"Was\":"); }},
    {"case-59-repotags-string", "manifest.json: RepoTags is a string",
     [](const Options&) { return changed_manifest("[\"forged:latest\"]", "\"forged:latest\""); }},
    {"case-59-env-object", "config: Env is an object",
     [](const Options&) { return changed_config(env, R"("Env":{"PATH":"/bin"})"); }},
    {"case-59-cmd-number", "config: Cmd is a number",
     [](const Options&) { return changed_config(cmd, R"("Cmd":7)"); }},
    {"case-59-cmd-string", "config: Cmd is a string, which Docker takes as a list of it",
     [](const Options&) { return changed_config(cmd, R"("Cmd":"/hello")"); }},
    {"case-59-entrypoint-string", "config: Entrypoint is a string",
     [](const Options&) {
       return with_run({{"Entrypoint", R"("/hello")"}});
     }},
    {"case-59-entrypoint-empty", "config: Entrypoint is one empty word, which is none",
     [](const Options&) {
       return with_run({{"Entrypoint", R"([""])"}, {"Cmd", R"(["/hello"])"}});
     }},
    {"case-59-user-number", "config: User is a number",
     [](const Options&) { return changed_config(cmd, cat(cmd, ",\"User\":0")); }},
    {"case-59-volumes-array", "config: Volumes is an array",
     [](const Options&) { return changed_config(cmd, cat(cmd, ",\"Volumes\":[\"/v\"]")); }},
    {"case-59-diff-ids-string", "config: diff_ids is a string",
     [](const Options&) {
       Image image = hello_image();
       image.diff_ids = json_string(digest_of(image.layers[0].tar));
       return archive(legacy({image}));
     }},
    {"case-59-config-array", "the config is an array",
     [](const Options&) { return with_config("[]"); }},
    {"case-59-index-array", "index.json is an array",
     [](const Options&) { return archive(oci_layout("[]", {})); }},
    {"case-60-int-overflow", "index.json: schemaVersion is 2^32+2",
     [](const Options&) { return changed_index(version, "{\"schemaVersion\":4294967298"); }},
    {"case-60-size-overflow", "manifest: config.size is 2^64 more than it is",
     [](const Options&) {
       return changed_oci_manifest("\"size\":" + oci_image(hello_image()).config.size,
                                   "\"size\":18446744073709551999");
     }},
    {"case-60-size-fraction", "manifest: config.size is 1.5",
     [](const Options&) {
       return changed_oci_manifest("\"size\":" + oci_image(hello_image()).config.size,
                                   "\"size\":1.5");
     }},
    {"case-61-invalid-utf8", "config: a byte that is not UTF-8",
     [](const Options&) { return changed_config("/hello", "/hello\xff"); }},
    {"case-61-nan", "config: NaN",
     [](const Options&) { return changed_config(cmd, cat(cmd, ",\"x\":NaN")); }},
    {"case-61-1e400", "config: 1e400",
     [](const Options&) { return changed_config(cmd, cat(cmd, ",\"x\":1e400")); }},
    {"case-61-trailing-text", "manifest.json: text after its end",
     [](const Options&) {
       Files files = legacy({hello_image()});
       member(files, "manifest.json").bytes += " and more";
       return archive(files);
     }},
    {"case-61-text-behind-nul", "manifest.json: a NUL, and another manifest after it",
     [](const Options&) {
       Files files = legacy({hello_image()});
       std::string& text = member(files, "manifest.json").bytes;
       text += '\0' + text;
       return archive(files);
     }},
    {"case-61-comment", "manifest.json: a comment",
     [](const Options&) { return changed_manifest("[{", "/* why not */ [{"); }},
    {"case-61-gigabyte", "manifest.json of 1 GiB", [](const Options&) { return endless(); }},
    {"case-62-nul-cmd", "config: a NUL in Cmd",
     [](const Options&) {
       return with_run({{"Cmd", R"(["/hello\u0000x"])"}});
     }},
    {"case-62-nul-env", "config: a NUL in Env",
     [](const Options&) {
       return with_run({{"Cmd", R"(["/hello"])"}, {"Env", R"(["A=\u0000x"])"}});
     }},
    {"case-62-nul-workingdir", "config: a NUL in WorkingDir",
     [](const Options&) {
       return with_run({{"Cmd", R"(["/hello"])"}, {"WorkingDir", R"("/\u0000x")"}});
     }},
    {"case-62-nul-user", "config: a NUL in User",
     [](const Options&) {
       return with_run({{"Cmd", R"(["/hello"])"}, {"User", R"("0\u0000x")"}});
     }},
    {"case-62-env-without-equals", "config: an Env without =",
     [](const Options&) {
       return with_run({{"Cmd", R"(["/hello"])"}, {"Env", R"(["PATH"])"}});
     }},
    {"case-62-env-without-name", "config: an Env without a name",
     [](const Options&) {
       return with_run({{"Cmd", R"(["/hello"])"}, {"Env", R"(["=x"])"}});
     }},
    {"case-62-no-command", "config: no Cmd and no Entrypoint",
     [](const Options&) {
       return with_run({{"Env", "[]"}});
     }},
};

}  // namespace

std::span<const Case> json_cases() { return cases; }

}  // namespace minirun::forge
