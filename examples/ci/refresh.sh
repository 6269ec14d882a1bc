#!/bin/sh
# Reads anew what planning needs to know of the tables. It needs the database, whose
# DSN is in PANELS_DSN, and changes nothing in it.
set -eu
cd "$(dirname "$0")"
for table in hr_panel price_list; do
	tablesnap inspect "$table" > "schemas/$table.json.new"
	mv "schemas/$table.json.new" "schemas/$table.json"
done
