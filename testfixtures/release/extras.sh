#!/bin/sh
# Writes the completions and the man pages that a release carries into a folder.
set -eu
folder=${1:?usage: extras.sh FOLDER VERSION}
version=${2:?usage: extras.sh FOLDER VERSION}
rm -rf "$folder"
mkdir -p "$folder/completions" "$folder/man"
tablesnap="$folder/tablesnap"
CGO_ENABLED=0 go build -trimpath -ldflags "-X main.version=$version" -o "$tablesnap" ./cmd/tablesnap
for shell in bash zsh fish powershell; do
	"$tablesnap" completion "$shell" > "$folder/completions/tablesnap.$shell"
done
"$tablesnap" man "$folder/man"
rm "$tablesnap"
