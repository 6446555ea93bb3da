# make demo    a whole outage on a simulated UPS, in a quarter of a minute
# make build   bin/ecnutd
# make test    all tests, with the race detector
# make lint    what the code has to satisfy besides
# make fuzz    every fuzz target for FUZZTIME each
# make bench   figures
# make soak    a million simulated outages through the monitor, and a sender
#              that is killed at every step, hundreds of times

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME ?= 60s
SOAK     ?= 1000000
LDFLAGS  := -s -w -X main.version=$(VERSION)
# Without HTTP/2 and with Go's own name look-ups the daemon is smaller.
TAGS     ?= nethttpomithttp2,netgo,osusergo

.PHONY: demo build test lint fuzz bench soak setup clean

demo: build
	@bin/ecnutd demo

build: setup
	@go build -trimpath -tags $(TAGS) -ldflags '$(LDFLAGS)' -o bin/ecnutd ./cmd/ecnutd

test: setup
	go test -race ./...

lint: setup
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck -checks all ./...
	go mod tidy -diff
	go test -run 'TestImports' .

# Each target runs by itself: go test fuzzes one at a time.
fuzz: setup
	@for package in $$(go list ./...); do \
		dir=$$(go list -f '{{.Dir}}' $$package); \
		for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go 2>/dev/null | sed 's/^func //'); do \
			echo "== $$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package || exit 1; \
		done; \
	done

bench: setup
	go test -run '^$$' -bench . -benchmem ./...

soak: setup
	go test -run '^TestSoak$$' -v -timeout 60m ./monitor -soak=$(SOAK)
	SMS_KILLS=600 go test -run '^TestKill$$' -v -timeout 60m ./sms

setup:
	@scripts/setup

clean:
	rm -rf bin
