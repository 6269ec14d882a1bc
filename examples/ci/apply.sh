#!/bin/sh
# Runs the uploads whose plans in plans/ were reviewed. It needs the database, whose DSN is
# in PANELS_DSN. If the upload of any table would be another than the one in plans/, it
# runs none, and says what differs.
set -eu
cd "$(dirname "$0")"
exec tablesnap apply --all --expect plans --yes "$@"
