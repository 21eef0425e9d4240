# `make` prints this help. Targets install what they need into ./bin at pinned versions; nothing else
# on the machine is changed, except by `make setup-test` as root.

GO      ?= go
BIN     := $(CURDIR)/bin
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.version=$(VERSION)
# Kernels with vectors where there are any (docs/calc.md); everything builds and gives the same results without.
SIMD    := $(if $(filter amd64,$(shell $(GO) env GOARCH)),GOEXPERIMENT=simd)

GOLANGCI_VERSION := v2.8.0

# Input of the benchmarks: a case file, a folder of git clones, a large source tree.
CASES ?=
REPOS ?=
TREE  ?=
ROWS  ?= 10000000
HISTORY ?=
REHEARSE ?=
# Whether LibreOffice may be installed from Debian (as root) as a peer of bench-calc.
LIBREOFFICE ?=
# Whether servers may be fetched that the machine lacks.
DOWNLOAD ?=
# Major versions of PostgreSQL for bench-recipes, with commas between: 11,12,13,14,15,16,17,18.
VERSIONS ?=

# Two packages compile C parsers; building few at a time keeps memory and small machines calm.
PARALLEL ?= 2

.DEFAULT_GOAL := help
.PHONY: $(shell awk -F: '/^[a-z][a-z-]*:.*## / {print $$1}' Makefile)

help: ## print this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z-]*:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build the command into ./bin/napkin
	$(SIMD) $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/napkin ./cmd/napkin

demo: build ## audit the example application and say where the report lies; run it again to see the baseline
	$(BIN)/napkin audit examples/shop
	@echo
	@echo "The report: $(CURDIR)/examples/shop/.napkin/audit.html"
	@echo "The bugs that were put into the example: examples/shop/README.md"

test: setup-test ## install what the tests need (apt when root), then run all tests
	$(GO) test -p $(PARALLEL) ./...
	$(SIMD) $(GO) test -p $(PARALLEL) ./engine/calc/kernel ./engine/calc/vm ./engine/calc ./engine/calc/model/exec

test-race: setup-test ## the same under the race detector
	$(GO) test -race -p $(PARALLEL) ./...

fuzz: ## fuzz each parser of foreign bytes for ten seconds
	@scripts/fuzz 10s

lint: $(BIN)/golangci-lint-$(GOLANGCI_VERSION) ## gofmt, go vet and the linters of .golangci.yml
	$(GO) vet ./...
	$(BIN)/golangci-lint-$(GOLANGCI_VERSION) run ./...

$(BIN)/golangci-lint-$(GOLANGCI_VERSION):
	GOBIN=$(BIN)/.install $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(BIN)/.install/golangci-lint $@
	rmdir $(BIN)/.install

setup-test: ## install PostgreSQL, MariaDB, Redis, Chromium, fonts and the pinned npm packages that tests use
	@scripts/setup-test

bench-audit: ## recall and precision on known bugs: make bench-audit CASES=cases.jsonl REPOS=folder-of-clones
	@test -n "$(CASES)" -a -n "$(REPOS)" || { echo "say which: make bench-audit CASES=cases.jsonl REPOS=folder-of-clones"; exit 2; }
	$(GO) run ./internal/auditbench -cases '$(CASES)' -repos '$(REPOS)'

bench-speed: build ## CPU and memory beside ast-grep on one tree: make bench-speed TREE=folder
	@test -n "$(TREE)" || { echo "say on what: make bench-speed TREE=folder-of-sources"; exit 2; }
	@scripts/setup-test peer
	$(GO) run ./internal/speedbench -napkin $(BIN)/napkin -peer internal/peer -tree '$(TREE)'

bench-diff: ## the diff on private servers beside reladiff: make bench-diff ROWS=10000000 (minutes, 8 GB of disk)
	@scripts/setup-test reladiff
	$(GO) run ./internal/diffbench -rows '$(ROWS)' -peer $(BIN)/reladiff/bin/reladiff identical changes slow outlier words predict
	$(GO) test ./engine/datadiff -run TestLive -v -live 60s -lag 2s

bench-recipes: ## every recipe of the review under load and cut off at each step (minutes); VERSIONS=11,15,18 on these, DOWNLOAD=yes fetches those that the machine lacks
	$(GO) run ./internal/recipebench -rows '$(or $(filter-out 10000000,$(ROWS)),100000)' -versions '$(VERSIONS)' $(if $(DOWNLOAD),-download)

bench-estimate: build ## CPU seconds of an estimate beside Squiggle
	@scripts/setup-test estimate
	$(GO) run ./internal/estimatebench -napkin $(BIN)/napkin

bench-review: ## the lint of migrations beside squawk and a real PostgreSQL; HISTORY=folder counts findings on a folder; REHEARSE=n rehearses each nth statement
	@scripts/setup-test squawk
	$(GO) run ./internal/reviewbench -misses $(if $(REHEARSE),-rehearse -every '$(REHEARSE)') truth
	@test -z "$(HISTORY)" || $(GO) run ./internal/reviewbench history '$(HISTORY)'

bench-calc: build ## the calculation against its bars beside excelize, HyperFormula, IronCalc and LibreOffice (minutes); LIBREOFFICE=yes installs that
	@LIBREOFFICE='$(LIBREOFFICE)' scripts/setup-test calc
	cd internal/calcbench/peers/excelize && $(GO) build -o excelize .
	$(BIN)/napkin rates measure --quick memory xml deflate process.start.napkin
	$(BIN)/napkin calc bench --large

bench-rates: ## how well measured base rates agree, quiet and beside four busy processes (two minutes)
	$(GO) build -o $(BIN)/ratebench ./internal/ratebench
	$(BIN)/ratebench -dir '$(or $(DIR),/var/tmp)'

bench-duration: ## predicted times of migrations against runs at another size (half an hour, 6 GB of disk)
	$(GO) run ./internal/durationbench -trials 8

review-matrix: build ## measure the statements of the review on PostgreSQL 11 to 18 and MariaDB again (20 minutes); DOWNLOAD=yes fetches versions that the machine lacks
	$(BIN)/napkin review matrix run $(if $(DOWNLOAD),--download) -o $(BIN)/postgres.json
	$(BIN)/napkin review matrix run --product mariadb -o $(BIN)/mariadb.json
	$(GO) run ./internal/reviewjudge -join engagement/review/matrix/measured.json $(BIN)/postgres.json $(BIN)/mariadb.json

bench-judge: ## judge the statements of the review a second time, by time and by waiting alone (minutes)
	$(GO) run ./internal/reviewjudge

dist: ## build the release binary of this platform, and one without cgo, into ./dist with checksums
	rm -rf dist && mkdir -p dist
	$(SIMD) CGO_ENABLED=1 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o dist/napkin-$(VERSION)-$$($(GO) env GOOS)-$$($(GO) env GOARCH) ./cmd/napkin
	$(SIMD) CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o dist/napkin-$(VERSION)-$$($(GO) env GOOS)-$$($(GO) env GOARCH)-nocgo ./cmd/napkin
	cd dist && sha256sum napkin-* > SHA256SUMS && cat SHA256SUMS

docs: ## write the generated pages anew (docs/rules.md, docs/hazards.md, docs/functions.md)
	$(GO) generate ./...

clean: ## remove what was built
	rm -rf $(BIN) dist artifacts
