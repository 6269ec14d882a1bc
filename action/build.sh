#!/usr/bin/env bash
# Builds tablesnap from the source of the action, so that the version of the action is the
# version of tablesnap, which stands in each plan.
set -euo pipefail
mkdir -p "$RUNNER_TEMP/tablesnap"
cd "$ACTION"
CGO_ENABLED=0 go build -trimpath -ldflags "-X main.version=${REF:-unknown}" -o "$RUNNER_TEMP/tablesnap/tablesnap" ./cmd/tablesnap
