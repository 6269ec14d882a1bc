# make test is what has to pass; .ci/run calls it. make help lists the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Everything is pure Go. Only the race detector needs a C compiler.
export CGO_ENABLED := 0

GO ?= go
FUZZTIME ?= 20s
BENCHTIME ?= 7x

# The folders of the packages whose test files have a line like $(1).
packages_with = grep -rlE --include='*_test.go' '$(1)' . | xargs -r -n1 dirname | sort -u

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: build
build: ## build bin/tablesnap
	$(GO) build -trimpath -ldflags "-s -w" -o bin/tablesnap ./cmd/tablesnap

# The linter has its own module, so that tablesnap does not depend on what it needs.
# The first run downloads 60 MB and compiles it (4 CPU minutes); later runs take it
# from Go's build cache.
.PHONY: lint
lint: ## check the whole tree by .golangci.yaml
	$(GO) tool -modfile=testfixtures/lint/go.mod golangci-lint run --allow-parallel-runners ./...
	$(GO) vet -tags crash ./exec

# Tests compare with the sqlite3 program, and run the GitHub Action with jq.
.PHONY: programs
programs:
	@{ command -v sqlite3 && command -v jq; } >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends sqlite3 jq; } || \
		{ echo "The tests need the programs sqlite3 and jq, and they could not be installed. Install the packages of these names." >&2; exit 1; }

# The pages are tested in a browser only here, since it takes 350 MB. Everywhere else an HTML
# parser looks at them.
.PHONY: browser
browser: ## test the pages in headless Chromium
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium fonts-dejavu-core; } || \
		{ echo "These tests need Chromium, and it could not be installed. Install the package chromium." >&2; exit 1; }
	TABLESNAP_REQUIRE_BROWSER=1 $(GO) test -count 1 -run Browser ./plan

# goose's own command, which tests of several packages run: they would all build it.
.PHONY: goose
goose:
	cd internal/goosecmd/tool && GOWORK=off $(GO) run -tags no_clickhouse,no_libsql,no_mssql,no_vertica,no_ydb github.com/pressly/goose/v3/cmd/goose -version

# The servers to test against, all of them where none are named; SERVERS= tests
# SQLite alone. They are installed and started where they are not there yet (see
# testfixtures/servers), and must be there then. Where TABLESNAP_TEST_MYSQL or the
# like names a server of your own, that is used.
SERVERS ?= mysql mariadb mariadb11 tidb postgres postgres18
export SERVERS
SERVERS_SH := testfixtures/servers/servers.sh

# The short tests of a cluster belong to the run with all servers.
SHORT_CLUSTER := $(if $(filter file,$(origin SERVERS)),galera)

.PHONY: servers servers-can servers-stop
# Before anything is compiled.
servers-can:
	@[ -z "$(SERVERS)" ] || $(SERVERS_SH) check
	@[ -z "$(SHORT_CLUSTER)" ] || $(SERVERS_SH) check $(SHORT_CLUSTER)

servers: ## start the servers named in SERVERS
	@[ -z "$(SERVERS)" ] || $(SERVERS_SH) start

servers-stop: ## stop them
	@[ -z "$(SERVERS)" ] || $(SERVERS_SH) stop

# Each case of the conformance suite runs on one server of a family in place, and on
# another by swap; SQLite's two journals share the cases, but for those about locks.
# TABLESNAP_TEST_WHOLE=1 has all of them run all. The servers have the cores: a test
# that waits for them is best off with one of its own. The linter has vetted the code.
.PHONY: test
test: servers-can programs lint goose release-files bench-page servers ## lint and run all tests; SERVERS="mysql postgres" tests with those servers only
	@[ -z "$(SERVERS)" ] || eval "$$($(SERVERS_SH) env)"; \
	export TABLESNAP_REQUIRE="$$(tr ' ' , <<<'$(SERVERS)')"; \
	$(GO) test -vet=off -timeout 80m -p 4 -parallel 6 -exec 'env GOMAXPROCS=1' ./... && status=0 || status=$$?; \
	[ -z "$(SERVERS)" ] || $(SERVERS_SH) stop; \
	[ $$status != 0 ] || [ -z "$(SHORT_CLUSTER)" ] || $(MAKE) --no-print-directory cluster-short || status=$$?; \
	exit $$status

# The inner loop. Tests that need a server are skipped, whatever the environment names.
.PHONY: check
check: programs lint goose release-files bench-page ## lint and run all tests on SQLite
	unset $${!TABLESNAP_TEST_@} TABLESNAP_REQUIRE; $(GO) test -vet=off -timeout 10m -parallel 6 ./...

.PHONY: test-whole
test-whole: export TABLESNAP_TEST_WHOLE := 1
test-whole: test ## the same, with every case on every server by every strategy

# How many faults of each kind the tests have tried, for docs/reliability.md.
print_tried = [ ! -s "$$TABLESNAP_TEST_TRIED" ] || { echo; echo "Faults tried:"; \
	awk -F '\t' '{ sum[$$1 "\t" $$2] += $$3 } END { for (kind in sum) print kind "\t" sum[kind] }' "$$TABLESNAP_TEST_TRIED" | \
	sort | awk -F '\t' '{ printf "%-18s %-45s %7d\n", $$1, $$2, $$3 }'; }; rm -f "$$TABLESNAP_TEST_TRIED"

# The copy of the servers is nobody else's: it is killed, and thrown away.
.PHONY: crash
crash: export TABLESNAP_SERVERS_COPY := 9
crash: ## kill uploads at every statement that writes, and the servers named in SERVERS under them
	@[ -z "$(SERVERS)" ] || { $(SERVERS_SH) start $(SERVERS) && eval "$$($(SERVERS_SH) env $(SERVERS))"; }; \
	export TABLESNAP_TEST_TRIED="$$(mktemp)"; \
	TABLESNAP_TEST_KILL_EVERY=1 TABLESNAP_TEST_KILL="$(SERVERS)" \
		$(GO) test $(if $(SERVERS),-tags crash) -count 1 -timeout 2h -parallel 4 -run 'Killed|Lost|Stalled|Vanished|Deadlock' ./exec && status=0 || status=$$?; \
	$(print_tried); \
	[ -z "$(SERVERS)" ] || $(SERVERS_SH) clean $(SERVERS); \
	exit $$status

# One package after the other: the tests of clustertest kill the nodes.
CLUSTERS := galera groupreplication
.PHONY: cluster cluster-short
cluster-short: ## run the short tests of a cluster: uploads beside writers, recoveries, a killed node
	$(SERVERS_SH) start galera
	eval "$$($(SERVERS_SH) env galera)"; export TABLESNAP_REQUIRE=galera; \
	$(GO) test -short -count 1 ./internal/clustertest && status=0 || status=$$?; \
	$(SERVERS_SH) stop galera; \
	exit $$status

cluster: ## run the conformance suite on a node of each cluster, and tests that kill and pause nodes
	$(SERVERS_SH) start $(CLUSTERS)
	eval "$$($(SERVERS_SH) env $(CLUSTERS))"; export TABLESNAP_REQUIRE="$$(tr ' ' , <<<'$(CLUSTERS)')"; \
	export TABLESNAP_TEST_TRIED="$$(mktemp)"; status=0; \
	$(GO) test -count 1 -timeout 80m -p 1 -parallel 6 -run 'TestConformance/($(subst $() ,|,$(CLUSTERS)))$$' ./dialect/mysql || status=$$?; \
	$(GO) test -count 1 -timeout 80m -run 'TestLostAnswer|TestLostServer|TestStalled' ./exec || status=$$?; \
	$(GO) test -count 1 -timeout 80m ./internal/clustertest || status=$$?; \
	$(print_tried); \
	$(SERVERS_SH) stop $(CLUSTERS); \
	exit $$status

# SQLite, which is C translated to Go, is compiled without the detector: it would be far slower,
# and its memory is not Go's, so that the detector does not watch it. The driver around it is
# watched. Left out: whatever needs a server, so the loads of MySQL and PostgreSQL as well, and
# the large loads of cmd/tablesnap.
unwatched := modernc.org/sqlite/lib modernc.org/libc
.PHONY: race
race: programs goose ## run the tests, large loads left out, under the race detector (needs a C compiler)
	@command -v "$$($(GO) env CC)" >/dev/null || { echo "The race detector needs a C compiler. Install the packages gcc and libc6-dev." >&2; exit 1; }
	unset $${!TABLESNAP_TEST_@} TABLESNAP_REQUIRE; \
	CGO_ENABLED=1 $(GO) test -race $(unwatched:%=-gcflags=%=-race=false) -short -count 1 -timeout 40m ./...

# What people load files with otherwise, to compare with.
.PHONY: bench-programs
bench-programs: programs
	@command -v pgloader csvsql sqlite-utils >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends pgloader csvkit sqlite-utils python3-click-default-group python3-psycopg2 python3-pymysql; } || \
		{ echo "The benchmarks need pgloader, csvkit (with psycopg2 and pymysql) and sqlite-utils, and they could not be installed." >&2; exit 1; }

# The page must be what the kept results give. It has a module of its own, so that tablesnap does
# not depend on what draws the plots. Go would not see that a file outside of it has changed.
.PHONY: bench-page
bench-page:
	cd testfixtures/bench/report && $(GO) test -count 1 ./...

# BENCH= names the benchmarks, such as 'InPlace/mysql'. The largest tables, with which a pair
# takes minutes, are measured once, and only if BENCH names nothing or LARGE names them.
# The results are kept, and the page is made of them.
BENCH ?= .
LARGE ?= $(if $(filter file,$(origin BENCH)),^Benchmark(InPlace|Swap|Kept|Pgloader|SQLiteUtils)$$/./10000000$$)
.PHONY: bench
bench: bench-programs servers ## measure whole programs against others, and write docs/performance.md
	eval "$$($(SERVERS_SH) env)"; printed=$$(mktemp); trap 'rm -f "$$printed"' EXIT; \
	measure() { (cd "$$1" && $(GO) test -run '^$$' -timeout 0 "$${@:2}") | tee -a "$$printed"; }; \
	measure testfixtures/bench -bench '$(BENCH)' -skip '././10000000$$' -benchtime $(BENCHTIME); \
	[ -z '$(LARGE)' ] || measure testfixtures/bench -bench '$(LARGE)' -benchtime 1x; \
	measure rowsource -bench '$(BENCH)' -benchtime $(BENCHTIME); \
	cd testfixtures/bench/report && $(GO) run . -results ../results.txt -docs ../../../docs <"$$printed"

# Before Go 1.27 a target may fail with "context deadline exceeded" when FUZZTIME is
# over (https://go.dev/issue/75804). Unless Go names a failing input, nothing was
# found. A number of inputs, such as FUZZTIME=2000x, avoids it.
.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (20s)
	@$(call packages_with,^func Fuzz) | while read -r package; do \
		$(GO) test -list '^Fuzz' "$$package" | grep '^Fuzz' | while read -r target; do \
			echo "$(GO) test -fuzz $$target $$package"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null; \
		done; \
	done

.PHONY: golden
golden: ## rewrite the golden files; read the difference before you commit it
	@$(call packages_with,flag\.Bool\W+update) | while read -r package; do \
		echo "$(GO) test -update $$package"; \
		$(GO) test -count 1 "$$package" -update </dev/null; \
	done

# The files of a release, the workflows and the Dockerfile, by the parsers of those who will
# read them. They have their own module, so that tablesnap does not depend on them.
.PHONY: release-files
release-files:
	cd testfixtures/release/check && GOWORK=off $(GO) test .

# What a release would hold, in dist/, without a tag and without a release. The
# action of .github/workflows/release.yml runs the newest goreleaser.
GORELEASER ?= $(GO) run github.com/goreleaser/goreleaser/v2@v2.15.1
.PHONY: release-check
release-check: ## build what a release would hold into dist/
	$(GORELEASER) check
	HOMEBREW_TAP_TOKEN=none $(GORELEASER) release --snapshot --clean --skip=sign,sbom,docker

.PHONY: clean
clean: ## remove what the targets above have built
	rm -rf bin dist dist-extras
	rm -f ./*.test ./*.prof
