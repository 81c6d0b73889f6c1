.PHONY: bench build packages measure test test-all example-rust docs-by-hand race lint fuzz cover vuln image image-check
GO ?= go

build: ## the static binary, in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o bin/waxseal ./cmd/waxseal

BENCH ?= # flags: -quick, -run PATTERN, -markdown …
bench: build ## what waxseal costs beside the least that is possible, as one table of ratios; takes about ten minutes
	$(GO) run ./bench $(BENCH)

measure: ## size, start and idle memory of the program
	$(GO) test . -count=1 -run TestMeasure -measure -v

test:
	$(GO) test ./...

example-rust: ## the example that the tests leave out, for its SDK compiles for minutes
	$(GO) test ./integration -count=1 -run TestExamples/Rust -rust -timeout 70m -v

docs-by-hand: ## the blocks of the documents that the tests leave out, for what they use compiles for minutes
	$(GO) test ./integration -count=1 -run TestDocs/docs-frameworks.md -byhand -v

test-all: ## the tests that by themselves try a sample, at full size
	WAXSEAL_TEST_FULL=1 $(GO) test ./...

race:
	$(GO) test -race -shuffle=on ./...

lint: ## needs golangci-lint: go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	$(GO) vet ./...
	golangci-lint run ./...

FUZZTIME ?= 50000x # inputs; with a time such as 30s, Go may call its end a failure
fuzz: ## every fuzz target for FUZZTIME
	@set -e; for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

cover: ## statement coverage by package
	$(GO) test -coverprofile=cover.out -coverpkg=./... ./... && $(GO) tool cover -func=cover.out | tail -1

vuln: ## needs govulncheck: go install golang.org/x/vuln/cmd/govulncheck@v1.9.0
	govulncheck ./...

VERSION ?= $(shell git describe --tags --always --dirty)
TARGETS ?= # all; linux/amd64, say, for that platform alone
packages: ## programs, archives, wheels, npm, .deb and .rpm packages, a Homebrew formula and checksums, in dist/
	packaging/build.py $(VERSION) dist $(TARGETS)

image: ## the container image, as waxseal:latest
	docker build -t waxseal --build-arg VERSION=$(VERSION) --build-arg REVISION=$(shell git rev-parse HEAD) .

image-check: ## builds the image and uses it as its users do; root needs no running engine and no registry
	.ci/container
