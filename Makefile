# Every target says in its ## comment what it is for; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# make run
PORT      ?= 8080
MQTT_PORT ?= 1883
SIM_PORT  ?= 8090
DATA      ?= run
SHOPPERS  ?= 1
SPEED     ?= 1
HISTORY   ?= 0

# make bench
ONLY      ?=
BENCH_OUT ?=

# make sim, make crash
SEEDS     ?= 10000
FIRST     ?= 1
SEED      ?=

GOFUMPT     := mvdan.cc/gofumpt@v0.12.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0

PEERS := chromium debootstrap fonts-noto-cjk mosquitto mosquitto-clients mbpoll openssl poppler-utils python3-pymodbus python3-serial-asyncio postgresql prometheus socat strace systemd zbar-tools

# make deb
VERSION   ?= $(or $(patsubst v%,%,$(shell git describe --tags --match 'v[0-9]*' 2>/dev/null)),$(shell TZ=UTC git log -1 --format=0.0.0+%cd.%h --date=format-local:%Y%m%d%H%M%S 2>/dev/null),0.0.0)
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),0)
CC_amd64  := x86_64-linux-gnu-gcc
CC_arm64  := aarch64-linux-gnu-gcc

.PHONY: help build run test lint vuln peers sim crash bench deb deb-amd64 deb-arm64 cross clean

help: ## List the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make run takes PORT=$(PORT) MQTT_PORT=$(MQTT_PORT) SIM_PORT=$(SIM_PORT) DATA=$(DATA) SHOPPERS=$(SHOPPERS) SPEED=$(SPEED) HISTORY=$(HISTORY)"
	@echo "  make bench takes ONLY=<part> and BENCH_OUT=<file>; make sim takes SEEDS=<how many> and FIRST=<from which on>, or SEED=<one>"

build: ## Build every program into bin/
	@mkdir -p bin
	go build -o bin/ ./cloud/cmd/... ./edge/cmd/... ./firmware-sim/cmd/... ./firmware-sim/e2e/past

run: build ## Start a neighbourhood: 2 stores, 6 cabinets, residents by day and by night
	@exec bin/town -bin bin -data "$(DATA)" -port $(PORT) -mqtt-port $(MQTT_PORT) -sim-port $(SIM_PORT) -shoppers=$(SHOPPERS) -speed $(SPEED) -history $(HISTORY)

# The simulation's 200 seeds run without the race detector, which makes them eight times slower, and 20 of them with it: a race is
# of code that towns have in common, rarely of one draw of faults, and the first 20 draw every fleet and every kind of misfortune.
# With it a test binary has one processor, and several binaries run at once: with more, the race detector of Go 1.26
# crashes when two goroutines of one synctest bubble meet expired timers at the same moment (both use the bubble's one
# race context). What takes longest begins first: the simulation, the browser's pages, whose processes are busy beside the test's
# own, and the Debian in a folder, which mostly waits.
test: peers lint vuln build ## Run every test there is, with the race detector
	go test -vet=off -timeout 15m -run TestSim ./firmware-sim/e2e/sim
	SIM_SEEDS=20 go test -vet=off -race -cpu 1 -p 3 -timeout 20m ./firmware-sim/e2e/sim ./cloud/internal/web ./firmware-sim/e2e/deb ./edge/agent ./...

lint: ## gofumpt, go vet, staticcheck and a tidy go.mod
	@bad=$$(go run $(GOFUMPT) -l cloud edge firmware-sim protocol); test -z "$$bad" || { echo "gofumpt would change:"; echo "$$bad"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	go mod tidy -diff
	cd edge/package && go vet . && go mod tidy -diff

vuln: ## Known vulnerabilities in what the programs call
	@GOVULNCHECK=$(GOVULNCHECK) .ci/vuln

peers: ## Install from Debian the programs that the tests run against, where that is allowed
	@.ci/peers $(PEERS)

sim: ## Both sides in one process with seeded faults: SEEDS=<how many> FIRST=<from which on>, or SEED=<one>
	SIM_SEEDS=$(SEEDS) SIM_FIRST=$(FIRST) SIM_SEED=$(SEED) go test -timeout 0 -count 1 -run TestSim -v ./firmware-sim/e2e/sim

crash: peers build ## Kill the programs at each step of a visit, and the agent at each call that writes; take its power; break its disk
	CRASH_ALL=1 go test -timeout 0 -count 1 -p 1 -run TestCrash -v ./edge/internal/journal ./edge/agent ./firmware-sim/e2e/power ./firmware-sim/e2e/crash

# The disk's wear is counted where an idle hour lasts seconds, in a test of the agent; what the cloud takes in where its tables are
# known; what it expects where both the cloud's rules and the true demand may be seen.
bench: build ## Print each figure beside its reach: ONLY=<part>, BENCH_OUT=<file>
	@go test -c -o bin/wear.test ./edge/agent
	@go test -c -o bin/ingest.test ./cloud/server
	@go test -c -o bin/plan.test ./firmware-sim/e2e/plan
	@go test -c -o bin/restock.test ./cloud/picking
	@go test -c -o bin/coverage.test ./cloud/coverage
	@bin/bench -bin bin -only "$(ONLY)" -out "$(BENCH_OUT)"

deb: cross deb-amd64 deb-arm64 ## Build the agent's Debian packages, amd64 and arm64, into bin/: VERSION=<what git says>

deb-amd64 deb-arm64: deb-%:
	@mkdir -p bin/$*
	CGO_ENABLED=1 GOARCH=$* CC=$(CC_$*) go build -trimpath -ldflags '-s -w -X main.release=$(VERSION)' -o bin/$*/ ./edge/cmd/cabinet-agent
	cd edge/package && go run . -binary ../../bin/$*/cabinet-agent -version '$(VERSION)' -date $(SOURCE_DATE_EPOCH) -out ../../bin

cross:
	@.ci/peers gcc-aarch64-linux-gnu libc6-dev-arm64-cross

clean: ## Remove what was built; the data of a run stays
	rm -rf bin
