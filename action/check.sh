#!/usr/bin/env bash
# Fails, and shows the difference, if an upload is not the one whose plan was reviewed.
set -euo pipefail
tablesnap=${TABLESNAP:-$RUNNER_TEMP/tablesnap/tablesnap}
schema=()
if [ -n "$SCHEMAS" ]; then schema=(--schema "$SCHEMAS"); fi
exec "$tablesnap" plan --all --for any-version --check "$PLANS" "${schema[@]}"
