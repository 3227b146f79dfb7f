#!/usr/bin/env bats
# Hostile JSON: each refusal names the document and, where one value is wrong, its JSON pointer.
# shellcheck disable=SC2154  # bats sets stderr, output, status

load helpers

# Docker 20.10 and skopeo 1.9 read `user` as User; of User and user skopeo takes the one that stands last.
@test "case 56a: keys are found in any case, so that a user in lower case is no root" {
  runs_hello "$(forged good-keys-in-lower-case)"
  minirun "$(forged case-56a-user-in-lower-case)"
  [ "$status" -eq 77 ] || fail "ran as another user"
}

@test "case 56a: two keys that differ by case alone are refused" {
  case_refused case-56a-two-users '/config: .*"User" and "user".*case'
  case_refused case-56a-two-layers 'manifest\.json: /0: .*"Layers" and "layers".*case'
}

@test "case 56a: labels that nobody reads harm nobody, and inspect shows them" {
  runs_hello "$(forged good-strange-labels)"
  minirun inspect forged
  [ "$(jq -r .Config.config.Labels.by <<<"$output")" = "$(printf 'M\xef\xbf\xbfller')" ] || fail "no label"
}

@test "case 57: JSON a million deep is refused" {
  case_refused case-57-manifest 'manifest\.json.*(deep|nested)'
  case_refused case-57-config '\.json.*(deep|nested)'
  case_refused case-57-unknown-member '\.json.*(deep|nested)'
  case_refused case-57-index 'index\.json.*(deep|nested)'
}

@test "case 58: a key that stands twice is refused" {
  case_refused case-58-manifest 'manifest\.json.*Layers.*twice'
  case_refused case-58-config 'rootfs.*twice'
  case_refused case-58-nested 'Cmd.*twice'
  case_refused case-58-escaped 'Cmd.*twice'
  case_refused case-58-index 'index\.json.*manifests.*twice'
}

@test "case 59: a value of the wrong type is refused with its JSON pointer" {
  case_refused case-59-layers-number 'manifest\.json: /0/Layers:'
  case_refused case-59-layers-of-numbers 'manifest\.json: /0/Layers/0:'
  case_refused case-59-config-number 'manifest\.json: /0/Config:'
  case_refused case-59-repotags-string 'manifest\.json: /0/RepoTags:'
  case_refused case-59-env-object '\.json: /config/Env:'
  case_refused case-59-cmd-number '\.json: /config/Cmd:'
  case_refused case-59-user-number '\.json: /config/User:'
  case_refused case-59-volumes-array '\.json: /config/Volumes:'
  case_refused case-59-diff-ids-string '\.json: /rootfs/diff_ids:'
  case_refused case-59-config-array '\.json: .*object'
  case_refused case-59-index-array 'index\.json: .*object'
}

@test "case 59: null is absent, and unknown members are no error" { runs_hello "$(forged good-unknown-and-null)"; }

@test "case 60: a number out of its range is refused" {
  case_refused case-60-int-overflow 'index\.json: /schemaVersion:'
  case_refused case-60-size-overflow '/config/size:'
  case_refused case-60-size-fraction '/config/size:'
}

@test "case 61: what is not JSON is refused" {
  case_refused case-61-invalid-utf8 'UTF-8|not valid JSON'
  case_refused case-61-nan '\.json'
  case_refused case-61-1e400 '\.json'
  case_refused case-61-trailing-text 'manifest\.json'
  case_refused case-61-text-behind-nul 'manifest\.json.*NUL'
  case_refused case-61-comment 'manifest\.json'
}

@test "case 61: a manifest of 1 GiB is refused in bounded memory" {
  local archive
  archive=$(forged case-61-gigabyte)
  within 64 "$MINIRUN" load "$archive"
  says_no 'manifest\.json'
}

@test "case 62: a NUL in what the kernel takes as text is refused" {
  case_refused case-62-nul-cmd '/config/Cmd'
  case_refused case-62-nul-env '/config/Env'
  case_refused case-62-nul-workingdir '/config/WorkingDir'
  case_refused case-62-nul-user '/config/User'
}

@test "case 59: a string where Cmd or Entrypoint is a list is a list of it, and one empty word is no Entrypoint" {
  runs_hello "$(forged case-59-cmd-string)"
  runs_hello "$(forged case-59-entrypoint-string)"
  runs_hello "$(forged case-59-entrypoint-empty)"
}

@test "case 62: an Env entry without = is dropped and said once; one without a name is refused" {
  runs_hello "$(forged case-62-env-without-equals)"
  [ "$(grep -c "the image's Env has entries without =, left out: PATH" <<< "$stderr")" = 1 ] || fail "not said once"
  case_refused case-62-env-without-name '/config/Env'
}

@test "case 62: an image without Cmd and Entrypoint cannot run without a command" {
  minirun run "$(forged case-62-no-command)"
  says_no 'command|Cmd'
  minirun run "$(forged case-62-no-command)" /hello
  [ "$output" = "$HELLO" ]
}
