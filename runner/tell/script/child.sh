[ $$ -eq 1 ] || { complain 'this part is for the first process of a pid namespace'; exit 125; }
trap 'complain "step $step failed"; exit 125' EXIT
cd /usr  # $host ./bin/PROGRAM is one of the host's, on both sides of pivot_root
host=
# for the last step, collected on the way
session='' ctty='' privileges='' user='' reset='' signals='' workdir=/

# inside ROOT PATH: sets $at to where PATH of the container lies under ROOT. A symlink of the image
# to /run means the container's /run; until pivot_root it would lead to the host's. A process's
# links in /proc lead anywhere. (openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS does this
# in one call, and nobody can change a directory in between.)
inside() {
  at=$1 rest=$2 links=0
  while [ -n "$rest" ]; do
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    case $part in
      '' | .) ;;
      ..) [ "$at" = "$1" ] || at=${at%/*} ;;
      *)
        if [ -L "$at/$part" ]; then
          links=$((links + 1))
          case $links${at#"$1"}/ in
            41* | */proc/[0-9]*) complain "$2: leads too far, or out of the container"; exit 125 ;;
          esac
          link=$($host ./bin/readlink -n "$at/$part" && echo /)  # the / keeps a newline at the end
          rest=$link$rest
          case $link in /*) at=$1 ;; esac
        else
          at=$at/$part
        fi
        ;;
    esac
  done
}
