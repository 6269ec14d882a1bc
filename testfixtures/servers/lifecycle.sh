# shellcheck shell=bash disable=SC2034,SC2154 # sourced by servers.sh with families.sh
# Installing, starting and stopping the server that use() has chosen, whatever its kind.

failed=0
# Database servers refuse to run as root, or should. The caller's environment stays outside: MYSQL_*, PG*, TZ and the
# like would change the servers and the clients.
server_user=$(id -un 2>/dev/null || id -u)
unprivileged=(env -i "PATH=$PATH" HOME=/tmp LC_ALL=C)
if [ "$(id -u)" = 0 ]; then
  server_user=nobody
  unprivileged+=(setpriv "--reuid=$server_user" "--regid=$(id -g "$server_user")" --clear-groups)
fi

say() { echo "${name:+$name: }$*" >&2; }
die() { say "$@"; exit 1; }

# each ACTION NAME...: does it for all of them at once; what fails is named with its reason, and the others go on.
each() {
  local action=$1 n i jobs=()
  shift
  for n; do
    use "$n"
    mkdir -p "$home"
    "$action" >"$home/output" 2>&1 &
    jobs+=($!)
  done
  for n; do
    i=${jobs[0]} jobs=("${jobs[@]:1}")
    use "$n"
    if wait "$i"; then
      sed -n "\$s/^/$n: /p" "$home/output" >&2
    else
      failed=1
      echo "$n: ${action%_one} failed:" >&2
      tail -n 20 "$home/output" | sed 's/^/    /' >&2
    fi
  done
}

# The first line of PREFIX/installed says what is there: another version of this script may want something else.
wanted() {
  if [ "$family" = tidb ]; then cat "$here"/tidb/go.{mod,sum} | sha256sum; else echo "${debs[*]} in $prefix"; fi
}
installed() { [ -x "$client" ] && [ "$(head -n 1 "$prefix/installed" 2>/dev/null)" = "$(wanted)" ]; }

unpack() { "$here/debs.sh" "$prefix" "${debs[@]}"; }

install_one() {
  if installed; then echo "installed: $(tail -n 1 "$prefix/installed")"; return; fi
  clean_one >/dev/null
  rm -rf "$prefix"
  mkdir -p "${prefix%/*}" # not there yet where a copy is the first to be started
  "${family}_install"
  use "$name" # PostgreSQL's paths hold its version, known only now
  local version
  version=$(program_version)
  printf '%s\n%s\n' "$(wanted)" "$version" >"$prefix/installed"
  echo "installed: $version"
}

program_version() {
  if [ "$family" = tidb ]; then (cd "$here/tidb" && go list -mod=readonly -m -f '{{.Version}}' github.com/pingcap/tidb)
  else "$server" --version | sed 's/.*\<Ver //; s/ (--.*//'; fi
}

# One after the other: they load from the same mirror, and a build takes every core.
install_all() {
  local n
  for n; do
    if [ "$n" = tidb ]; then # for the client
      use mariadb
      installed || each install_one mariadb
    fi
    use "$n"
    installed || say "installing from ${debs[0]:-source: minutes, once}"
    each install_one "$n"
  done
}

start_all() {
  local n ready=()
  for n; do
    use "$n"
    installed || install_all "$n"
    use "$n"
    if installed; then ready+=("$n"); fi
  done
  each start_one "${ready[@]}"
}

# The processes that work in the server's data folder and run its programs, children too. Unlike a pid file this finds
# those that a killed script has left over, and never takes a stranger who got an old number, or a shell in the folder.
pids() {
  local cwd pid
  for cwd in $(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$data*" 2>/dev/null || true); do
    pid=${cwd//[^0-9]/}
    case $(readlink "/proc/$pid/exe" || true) in "$prefix"/*) echo "$pid" ;; esac
  done
}

start_one() {
  if is_cluster "$name"; then start_cluster; return; fi
  if is_cluster "${name%.*}"; then start_node; return; fi
  local began=$EPOCHREALTIME pid version
  [ -e "$home/initialized" ] || kill_one >/dev/null # an initialization that outlived its script
  pid=$(parent_pid)
  if [ -z "$pid" ]; then
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then die "port $port is taken by another program"; fi
    prepare
    launch
    pid=$!
  fi
  wait_until_open "$pid"
  echo "up on 127.0.0.1:$port, version $version, after $(seconds_since "$began") s"
}

seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

# A data folder whose initialization was cut off is not used.
prepare() {
  mkdir -p "$run"
  if ! [ -e "$home/initialized" ]; then
    rm -rf "$data"
    mkdir "$data"
    chmod 700 "$data"
    own "$data" "$run"
    (cd "$data" && "${family}_init")
    touch "$home/initialized"
  fi
  own "$data" "$run"
  # What a killed server left names a process. That one is gone, but a zombie or a stranger may bear its number.
  rm -f "$run"/sock* "$data/postmaster.pid"
}

own() { if [ "$(id -u)" = 0 ]; then chown "$server_user" "$@"; fi; }

# Detached from the terminal, the caller's pipes and the lock; in the data folder from the start, for pids().
launch() {
  : >"$log"
  (cd "$data" && exec "${unprivileged[@]}" env "TMPDIR=$run" "${environment[@]}" setsid "$server" "${args[@]}" \
    </dev/null >>"$log" 2>&1 9>&-) &
}

wait_until_open() {
  local deadline=$((SECONDS + 120))
  until version=$("${family}_open" 2>"$home/refusal"); do
    if ! kill -0 "$1" 2>/dev/null; then tail -n 15 "$log"; die 'ended while starting'; fi
    if [ $SECONDS -ge $deadline ]; then tail -n 10 "$log"; cat "$home/refusal"; die 'not up after 120 s'; fi
    sleep 0.2
  done
}

stop_one() {
  local deadline=$((SECONDS + 30)) mine
  mine=$(pids)
  if [ -z "$mine" ]; then echo 'not running'; return; fi
  signal "$stop_signal" "$(parent_pid)"
  resume_one >/dev/null # a paused one would take the signal then
  while [ -n "$(pids)" ]; do
    if [ $SECONDS -ge $deadline ]; then kill_one; return; fi
    sleep 0.1
  done
  wait_for_threads "$mine"
  echo stopped
}

# PostgreSQL's children give the signal that stops their parent another meaning.
parent_pid() {
  local mine p
  mine=$(pids)
  for p in $mine; do
    grep -qxF "$(awk '$1 == "PPid:" { print $2 }' "/proc/$p/status")" <<<"$mine" || echo "$p"
  done
}

signal() {
  # shellcheck disable=SC2086 # one word a process
  kill -s "$1" $2 2>/dev/null || true # it may be gone by now
}

# All processes at once, as when the machine's memory runs out, and back only when none is left: PostgreSQL does not
# start again beside a child of its former self.
kill_one() {
  local some killed=
  if [ -z "$(pids)" ]; then echo 'not running'; return; fi
  while some=$(pids) && [ -n "$some" ]; do signal KILL "$some"; killed+=" $some"; sleep 0.05; done
  wait_for_threads "$killed"
  echo killed
}

# pids() no longer finds a process that is ending, while its threads still have the port and the files.
wait_for_threads() {
  local pid deadline=$((SECONDS + 30))
  for pid in $1; do
    while grep -qsE '^State:[[:space:]]+[^ZX]' "/proc/$pid/task/"*/status && [ $SECONDS -lt $deadline ]; do sleep 0.05; done
  done
}

pause_one() { signal STOP "$(pids)"; echo paused; }
resume_one() { signal CONT "$(pids)"; echo resumed; }

clean_one() {
  stop_one
  rm -rf "$data" "$run" "$home/initialized"
}

status_one() {
  local state='not installed' pid
  if installed; then state=stopped; fi
  pid=$(parent_pid)
  if [ -n "$pid" ]; then state="pid $pid, $(awk '$1 == "VmRSS:" { print int($2 / 1024) }' "/proc/$pid/status") MB"; fi
  printf '%-18s %-6s %-20s %s\n' "$name" "$port" "$state" "$(tail -n 1 "$prefix/installed" 2>/dev/null)"
}

env_one() { echo "export $variable='$dsn'"; }
