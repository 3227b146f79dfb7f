# shellcheck shell=bash
# The serial line knows neither how large the terminal is nor what it is called. `make vm-shell` says both on the kernel's
# command line; later, `resize` asks the terminal itself: it puts the cursor as far down as it goes, and asks where it is.
export SYSTEMD_PAGER='' LESS=-FRX
resize() {
  local rows columns _
  printf '\e7\e[999;999H\e[6n\e8'
  # shellcheck disable=SC2034
  IFS='[;' read -t 2 -rs -d R _ rows columns && stty rows "$rows" columns "$columns"
}
if [ "$(tty)" = /dev/ttyS0 ]; then
  # shellcheck disable=SC2013  # words
  for word in $(cat /proc/cmdline); do
    case $word in
      vm.size=*x*)
        word=${word#*=}
        stty rows "${word%x*}" columns "${word#*x}"
        ;;
      vm.term=*) [ ! -e "/lib/terminfo/$(printf %.1s "${word#*=}")/${word#*=}" ] || export TERM="${word#*=}" ;;
    esac
  done
  unset word
fi
