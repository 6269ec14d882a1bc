#!/usr/bin/env bash
# debs.sh PREFIX SUITE PACKAGE...
#
# Unpacks packages of a Debian suite, with every library they need and their own libc, under PREFIX. Neither root nor
# any of the system's packages is needed, and nothing outside PREFIX changes: no service starts, no default port is
# taken, and a server of another suite runs beside the system's own libraries.
set -euo pipefail
umask 022

prefix=$1 suite=$2
shift 2
work=$(mktemp -d "$(dirname "$prefix")/unpack.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,debs,tree/usr/{bin,sbin,lib,lib64}}
touch "$work"/{status,preferences}

# The machine's own mirrors: those from which apt takes the release that is installed. --print-uris knows every form
# that apt's sources may have, and asks nobody.
mirrors() {
  local VERSION_CODENAME=''
  # shellcheck source=/dev/null
  . /etc/os-release
  apt-get --print-uris update | sed -n "s#^'\(.*\)/dists/$VERSION_CODENAME/InRelease'.*#\1#p" | sort -u
}

# An apt of its own. The empty status file makes it resolve every dependency down to libc. The machine's settings
# (proxies, credentials) hold, except the hooks, which work on the system. An old sid serves us as well as today's, so a
# mirror that has stopped updating will do; signatures are checked all the same.
cat >"$work/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State::Lists "$work/lists";
Dir::State::status "$work/status";
Dir::State::extended_states "$work/extended_states";
Dir::Cache "$work/cache";
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "$work/preferences";
Dir::Etc::PreferencesParts "/dev/null";
APT::Sandbox::User "root";
APT::Install-Recommends "0";
Acquire::Check-Valid-Until "0";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Languages "none";
Acquire::PDiffs "0";
Acquire::Retries "3";
END
own_apt() { apt-get -qq -c "$work/apt.conf" "$@"; }

update() {
  local mirror
  while read -r mirror; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
    if own_apt --error-on=any update; then return; fi
  done < <(mirrors)
  echo "none of this machine's apt sources serves Debian's suite $suite" >&2
  return 1
}

# The packages asked for and the libraries: the rest of the closure (perl, debconf, adduser…) serves the packages' own
# installation and side tools. LLVM is left out for its size, so PostgreSQL has no JIT.
packages() {
  own_apt -s install "$@" | awk -v asked=" $* " '
    $1 != "Inst" { next }
    index(asked, " " $2 " ") || $2 ~ /^(lib|zlib1g)/ && $2 !~ /^lib(llvm|perl|python)|-perl$/ { print $2 }'
}

update
mapfile -t names < <(packages "$@" patchelf)
if [ "${#names[@]}" -lt 10 ]; then echo "cannot resolve $* in $suite" >&2; exit 1; fi
(cd "$work/debs" && own_apt download "${names[@]}")

# Newer suites ship /usr only and older ones /lib as well; with these links both land in one place.
for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$work/tree/$dir"; done
for deb in "$work"/debs/*.deb; do
  dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/tree" --keep-directory-symlink --no-same-owner
done
rm -rf "$work/tree"/usr/share/{bug,doc,lintian,locale,man}

# The executables get the prefix's loader and libraries, so that they run as they are and can start each other. The
# suite's own patchelf does it, from outside the tree that it patches.
libs=$(dirname "$(find "$work/tree/usr/lib" -name libc.so.6 -print -quit)")
loader=$(find "$libs" -maxdepth 1 -name 'ld-linux*.so.*' -print -quit)
mv "$work/tree/usr/bin/patchelf" "$work/patchelf"
patchelf() { "$loader" --library-path "$libs" "$work/patchelf" "$@"; }
libs_then=$prefix/${libs#"$work/tree/"}
while read -r -d '' file; do
  if patchelf --print-interpreter "$file" >/dev/null 2>&1; then
    patchelf --set-interpreter "$libs_then/$(basename "$loader")" \
      --force-rpath --set-rpath "$libs_then:$prefix/usr/lib/mysql/private" "$file"
  fi
done < <(find "$work/tree"/usr/{bin,sbin,lib/postgresql} -type f -perm -u+x -path '*bin/*' -print0 2>/dev/null)

rm -rf "$prefix"
chmod 755 "$work/tree"
mv "$work/tree" "$prefix"
megabytes() { du -sm "$1" | cut -f 1; }
echo "unpacked ${#names[@]} packages: $(megabytes "$work/debs") MB loaded, $(megabytes "$prefix") MB on disk"
