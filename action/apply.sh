#!/usr/bin/env bash
# Runs the uploads, each only if its plan is the one that was reviewed.
set -euo pipefail
tablesnap=${TABLESNAP:-$RUNNER_TEMP/tablesnap/tablesnap}
exec "$tablesnap" apply --all --expect "$PLANS" --yes
