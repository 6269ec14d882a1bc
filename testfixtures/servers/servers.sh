#!/usr/bin/env bash
# servers.sh COMMAND [NAME...]: throw-away database servers for the tests, on loopback. README.md tells the rest.
set -euo pipefail
umask 022
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=families.sh
. "$here/families.sh"
# shellcheck source-path=SCRIPTDIR source=clusters.sh
. "$here/clusters.sh"
# shellcheck source-path=SCRIPTDIR source=check.sh
. "$here/check.sh"
# shellcheck source-path=SCRIPTDIR source=lifecycle.sh
. "$here/lifecycle.sh"

usage() {
  cat >&2 <<END
usage: servers.sh COMMAND [NAME...]

  check [NAME...]    what cannot be installed here, and what start would install
  install [NAME...]  fetch or build what is missing
  start [NAME...]    install, then start, each with an empty database tablesnap_test
  stop [NAME...]     stop, keeping the data
  kill NAME...       kill -9; start brings it up again on the same data
  pause NAME...      stop its processes where they are (SIGSTOP)
  resume NAME...     let them go on (SIGCONT)
  clean [NAME...]    stop and delete the data
  status [NAME...]   what is installed and what runs
  env [NAME...]      the servers' DSNs, as export lines for eval
  client NAME        the path of the vendor's client program

Names: ${all[*]}. Without a name: those in \$SERVERS, or all.
Clusters, only by name: ${clusters[*]}. Their nodes: galera.1 to galera.3, and so on.
With TABLESNAP_SERVERS_COPY=N (1 to 9): the Nth copy of them, on empty data and ports N*1000 higher.
END
  exit 2
}

# A folder that the unprivileged user can reach (/root is closed to it), and that nobody else can have prepared for us.
choose_root() {
  local fallback=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/tablesnap-servers
  if [ "$(id -u)" = 0 ]; then fallback=/var/tmp/tablesnap-servers; fi
  root=${TABLESNAP_SERVERS_DIR:-$fallback}
  mkdir -p "$root"
  root=$(realpath "$root")
  ours "$root" TABLESNAP_SERVERS_DIR
}

ours() {
  [ -O "$1" ] || die "$1 belongs to another user; set $2"
  "${unprivileged[@]}" test -x "$1" || die "$server_user cannot reach $1; set $2"
}

# In memory where the machine has room for all of them: the tests make and drop tables all the time, and twice as fast
# there. The size decides, not what is free now, so that a later call finds the same servers.
choose_data() {
  local fallback=$root size
  size=$(df --output=size -k /dev/shm 2>/dev/null | tail -n 1)
  if [ "${size:-0}" -ge $((8 << 20)) ]; then fallback=/dev/shm/tablesnap-servers${root//\//-}; fi
  data_root=${TABLESNAP_SERVERS_DATA:-$fallback}
  mkdir -p "$data_root"
  data_root=$(realpath "$data_root")
  ours "$data_root" TABLESNAP_SERVERS_DATA
}

# Who already has a server of a kind, named by its variable, gets none from us unless asked for by name.
without_own() {
  local n
  for n; do
    use "$n"
    case ${!variable:-} in
      '' | "$dsn") echo "$n" ;;
      *) say "the tests use the server in $variable" ;;
    esac
  done
}

# One servers.sh at a time changes anything; the servers themselves do not inherit the lock.
lock() {
  exec 9>"$root/lock"
  flock -n 9 || { echo "waiting for another servers.sh" >&2; flock 9; }
}

main() {
  local command=${1:-} n names
  case $command in
    check | install | start | stop | kill | pause | resume | clean | status | env | client) shift ;;
    *) usage ;;
  esac
  check_system
  choose_root
  choose_data
  copy=${TABLESNAP_SERVERS_COPY:-}
  [[ $copy =~ ^[1-9]?$ ]] || die "TABLESNAP_SERVERS_COPY is \"$copy\"; copies are called 1 to 9"
  names=("$@")
  if [ $# = 0 ]; then read -ra names <<<"${SERVERS:-${all[*]}}"; fi
  for n in "${names[@]}"; do use "$n"; done # an unknown name ends it here
  if [ $# = 0 ]; then
    case $command in
      check | install | start | env) mapfile -t names < <(without_own "${names[@]}") ;;
      stop | clean | status) names+=("${clusters[@]}") ;;
      kill | pause | resume | client) usage ;;
    esac
  fi
  case $command in stop | kill | pause | resume | clean | status) mapfile -t names < <(nodes "${names[@]}") ;; esac
  case $command in install | start | stop | kill | clean) lock ;; esac
  case $command in
    check) check_all "${names[@]}" ;;
    install) install_all "${names[@]}" ;;
    start) start_all "${names[@]}" ;;
    stop | kill | pause | resume | clean) each "${command}_one" "${names[@]}" ;;
    status | env) for n in "${names[@]}"; do use "$n"; "${command}_one"; done ;;
    client)
      [ ${#names[@]} = 1 ] || usage
      [ -x "$client" ] || die "not installed: run servers.sh install $name"
      echo "$client"
      ;;
  esac
  exit "$failed"
}

main "$@"
