# shellcheck shell=bash disable=SC2034,SC2154 # sourced by servers.sh
# Which servers this machine cannot have, and what the first start installs: known before anything is loaded or built.

# check_system: the rest of these scripts needs it to run at all.
check_system() {
  local lacks=
  if [ "$(uname -s)" != Linux ]; then lacks="this is $(uname -s), and not Linux"
  elif [ "${BASH_VERSINFO[0]}" -lt 5 ]; then lacks="bash is older than 5"
  elif ! command -v flock >/dev/null || ! command -v setsid >/dev/null; then lacks='util-linux (flock, setsid) is missing'
  elif [ "$(id -u)" = 0 ] && ! command -v setpriv >/dev/null; then lacks='util-linux (setpriv) is missing'
  fi
  if [ -z "$lacks" ]; then return; fi
  echo "No test server can be started here: $lacks." >&2
  advise
  exit 1
}

# lacking: what the server that use() has chosen cannot be installed without. Nothing is said if it is installed.
lacking() {
  if installed; then return; fi
  if [ "$family" = tidb ]; then
    command -v go >/dev/null || { echo 'Go is missing'; return; }
    (use mariadb && lacking) # for its client
    return
  fi
  local tool
  for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || { echo "$tool is missing: it comes from Debian's packages"; return; }
  done
  [ -r /usr/share/keyrings/debian-archive-keyring.gpg ] || echo 'the package debian-archive-keyring is missing'
}

check_all() {
  local n why cannot='' can='' first=''
  for n; do
    use "$n"
    why=$(lacking)
    if [ -n "$why" ]; then cannot+="  $n: $why"$'\n'; continue; fi
    can+=" $n"
    use "$n"
    installed || first+="  $n: $takes"$'\n'
  done
  if [ -n "$cannot" ]; then
    printf 'These servers cannot be installed here:\n%s' "$cannot" >&2
    advise "${can# }"
    exit 1
  fi
  if [ -n "$first" ]; then printf 'This first run installs servers in %s, without root:\n%s' "$root" "$first" >&2; fi
}

# advise CAN: what to type instead. SERVERS is the user's own word for it.
advise() {
  cat >&2 <<END
Test with servers of your own (TABLESNAP_TEST_MYSQL=mysql://... and the like, see testfixtures/servers/README.md),
or with those that can be had, which may be none (SQLite alone):
  make test SERVERS="${1:-}"
END
}
