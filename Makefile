# What a developer and CI do. `make help` lists it.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  = -s -w -X github.com/schemactl/schemactl/internal/cli.version=$(VERSION)
GO_BUILD = CGO_ENABLED=0 go build -trimpath -ldflags "$(LDFLAGS)"
# The linter has a module of its own, so that its 200 dependencies are not ours.
LINT     = go tool -modfile=tools/go.mod golangci-lint
TEST     = ./...

PLATFORMS = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: build demo test race bare lint bench fuzz cross fmt clean help

build: ## build bin/schemactl
	$(GO_BUILD) -o bin/schemactl ./cmd/schemactl

demo: ## show schemactl at work on servers of its own
	scripts/packages.sh install go
	$(MAKE) build
	scripts/demo.sh

test: ## run all tests on all servers (TEST=./internal/plan/... for some)
	scripts/packages.sh install test
	scripts/servers.sh run $(WITH) scripts/testtools.sh run go test -race -timeout 40m $(TEST)

race: ## run the tests of the command line with a program that looks for data races
	SCHEMACTL_TEST_RACE=1 $(MAKE) test TEST=./internal/cli

test-postgres-%: ## before a release, try what PostgreSQL 17 or 16 does too (test-postgres-17)
	$(MAKE) test WITH=+postgres-$* TEST="./internal/postgres ./internal/datacheck ./internal/prove ./internal/drift ./internal/run ./migrator"

bare: ## prove that demo and test work on a bare Debian (root; ONLY=demo for one)
	scripts/bare.sh $(ONLY)

lint: ## check style, and who may import whom
	$(LINT) run

bench: build ## measure against the speed budgets (FULL=1: 10,000 tables too)
	scripts/servers.sh run go run ./bench

fuzz: ## run every fuzz test for FUZZTIME each (ONLY=pattern for some)
	scripts/fuzz.sh $(or $(FUZZTIME),10s) $(ONLY)

cross: ## build for every platform into dist/
	@set -e; for platform in $(PLATFORMS); do \
		os=$${platform%/*} arch=$${platform#*/} suffix=; \
		[ $$os != windows ] || suffix=.exe; \
		echo "build dist/schemactl-$$os-$$arch$$suffix"; \
		GOOS=$$os GOARCH=$$arch $(GO_BUILD) -o dist/schemactl-$$os-$$arch$$suffix ./cmd/schemactl; \
	done

fmt: ## format the Go files
	$(LINT) fmt

clean: ## remove what was built
	rm -rf bin dist coverage coverage.out

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "%-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
