set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C  # otherwise programs of the host would read locales, and after pivot_root the image's
export PATH LC_ALL
umask 022
step=
complain() {
  echo "$0: $*" >&2
}
