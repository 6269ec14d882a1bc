#!/bin/sh
# Fails, and shows the difference, where an upload would do something else than the
# plans in plans/ that were reviewed. "./check.sh --update" writes them anew.
# It needs no database: schemas/ holds what tablesnap inspect has printed. The plans are
# for any version: they change with the files, the schemas, the settings and tablesnap,
# and not with each upload.
set -eu
cd "$(dirname "$0")"
exec tablesnap plan --all --schema schemas --for any-version --check plans "$@"
