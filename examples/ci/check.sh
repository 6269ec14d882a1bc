#!/bin/sh
# Fails, and shows the difference, where an upload would do something else than the
# plans in plans/ that were reviewed. "./check.sh --update" writes them anew.
# It needs no database: schemas/ holds what tablesnap inspect has printed.
set -eu
cd "$(dirname "$0")"
exec tablesnap plan --all --schema schemas --check plans "$@"
