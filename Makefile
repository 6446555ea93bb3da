# make demo    a whole outage on a simulated UPS, in a quarter of a minute
# make build   bin/ecnutd and bin/ecnutd-view
# make deb     bin/ecnutd_VERSION_ARCH.deb, for this machine or ARCH=arm64
# make release the packages of a tagged version for amd64 and arm64, with sums
# make reproducible  is a package the same bytes wherever it is built?
# make test    all tests, with the race detector
# make test-bare  the tests where nothing of this machine can be seen: in a bare
#              Debian, bookworm and trixie by turns (as root)
# make vm-test all of it on a real kernel, in a virtual machine; vm-image builds
#              that alone
# make vm-trixie  an outage on Debian 13
# make lint    what the code has to satisfy besides
# make fuzz    every fuzz target for FUZZTIME each, with executions and rates
# make attack  the attacks of docs/security.md, in the virtual machine
# make bench   figures
# make worlds  the whole daemon in simulated worlds, YEARS of them from seed FROM;
#              bin/worlds-FROM.log keeps what came of it
# make mutants do the promises of the worlds notice faults? MUTANTS=few for three
# make soak    a million simulated outages through the monitor, and a sender
#              that is killed at every step, hundreds of times

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
OUT      ?= bin
FUZZTIME ?= 60s
SOAK     ?= 1000000
COMMIT   ?= $(shell git rev-parse HEAD 2>/dev/null)$(shell git diff --quiet HEAD 2>/dev/null || echo +)
DATE     ?= $(shell git log -1 --format=%cs 2>/dev/null)
LDFLAGS  := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT) -X main.date=$(DATE)
# Debian's SQLite, instead of a copy that is compiled for a minute.
export GOFLAGS := -tags=libsqlite3 $(GOFLAGS)
# Without HTTP/2 and with Go's own name look-ups the daemon is smaller.
TAGS     ?= nethttpomithttp2,netgo,osusergo

.PHONY: demo build compile man completions deb release reproducible test test-bare vm-image vm-test vm-trixie vm-bench lint fuzz attack bench worlds mutants soak setup clean

demo: build
	@bin/ecnutd demo

build: setup compile

compile:
	@go build -trimpath -tags $(TAGS) -ldflags '$(LDFLAGS)' -o $(OUT)/ecnutd ./cmd/ecnutd
	@go build -trimpath -tags $(TAGS),libsqlite3 -ldflags '$(LDFLAGS)' -o $(OUT)/ecnutd-view ./cmd/ecnutd-view

# Man pages and completions are made by the program itself, built for the
# machine that builds.
HERE = env -u GOARCH -u CC -u PKG_CONFIG_LIBDIR

man:
	@$(HERE) go run -tags $(TAGS),man ./cmd/ecnutd man config.example.yaml $(OUT)

completions:
	@mkdir -p $(OUT)
	@for shell in bash zsh fish; do \
		$(HERE) go run -tags $(TAGS),man ./cmd/ecnutd completion $$shell >$(OUT)/ecnutd.$$shell || exit 1; \
	done

# The Debian package, as dpkg-buildpackage makes it, in bin/. ARCH is the
# architecture it is for.
deb: setup
	@scripts/setup deb $(ARCH)
	@DEB_RULES_REQUIRES_ROOT=no DEB_OUT=bin debian/rules clean
	@mkdir -p bin
	DEB_RULES_REQUIRES_ROOT=no DEB_OUT=bin $(if $(ARCH),DEB_HOST_ARCH=$(ARCH) DEB_HOST_GNU_TYPE=$$(dpkg-architecture -a$(ARCH) -qDEB_HOST_GNU_TYPE)) debian/rules binary
	@lintian --allow-root --fail-on error bin/*_$(or $(ARCH),$$(dpkg --print-architecture)).deb

release:
	@version=v$$(dpkg-parsechangelog -S Version); \
	test "$$(git describe --exact-match --tags 2>/dev/null)" = "$$version" && git diff --quiet HEAD || \
		{ echo "release: debian/changelog says $$version; this needs that tag on a tree without changes" >&2; exit 1; }
	@$(MAKE) deb ARCH=amd64
	@$(MAKE) deb ARCH=arm64
	@cd bin && sha256sum ecnutd_$$(dpkg-parsechangelog -l ../debian/changelog -S Version)_*.deb | tee SHA256SUMS

reproducible:
	@scripts/reproducible

test:
	@scripts/setup test
	@scripts/nut
	@scripts/smtp
	go test -race ./...
	go test -run '^TestWorlds$$' ./internal/world -worlds=30

test-bare:
	@scripts/setup test
	@scripts/test-bare

vm-image: deb
	go test -tags vm -count=1 -timeout 30m -run '^TestReady$$' ./internal/vmtest

# Machines run one after the other. VM_ACCEL=kvm where that is known to work.
vm-test: deb
	@scripts/deb-before "$$(cat internal/vmtest/testdata/release-before)"
	go test -tags vm -count=1 -timeout 60m -v $(if $(VM_SKIP),-skip '$(VM_SKIP)') ./internal/vmtest

# An outage on Debian 13 (systemd 257). VM_SUITE=turns takes the release of this host
# and trixie day by day.
vm-trixie: deb
	VM_SUITE=trixie go test -tags vm -count=1 -timeout 60m -v -run '^TestOutage$$' ./internal/vmtest

# ecnutd beside Debian's NUT in the same machine; docs/benchmarks.md keeps a run.
vm-bench: deb
	go test -tags vm -count=1 -timeout 60m -run '^$$' -bench BesideNUT -benchtime 1x ./internal/vmtest

lint: setup
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck -checks all ./...
	go vet -tags vm ./internal/vmtest
	go tool staticcheck -checks all -tags vm ./internal/vmtest
	go mod tidy -diff
	go test -run 'TestImports' .

# Each target by itself, with its executions and their rate.
fuzz: setup
	@FUZZTIME=$(FUZZTIME) scripts/fuzz

# What somebody on the host, or bad luck, does to it, in the virtual machine:
# the table is in docs/security.md.
attack: deb
	go test -tags vm -count=1 -timeout 60m -v -run '^TestAttack' ./internal/vmtest

bench: setup
	go test -run '^$$' -bench . -benchmem ./...

# Worlds in which the whole daemon is played: YEARS of them, from seed FROM on.
YEARS ?= 1
FROM ?= 1
worlds: setup
	@mkdir -p bin
	@echo "worlds: bin/worlds-$(FROM).log"
	@go test -run '^(TestWorlds|TestSameStory)$$' -v -timeout 24h ./internal/world -years=$(YEARS) -from=$(FROM) -same=36 >bin/worlds-$(FROM).log 2>&1; \
		failed=$$?; grep -v '^ *\(===\|--- PASS\)' bin/worlds-$(FROM).log; exit $$failed

# Faults are put into the code, one after the other, in a copy that the compiler
# alone sees.
MUTANTS ?= all
mutants: setup
	go test -run '^TestMutants$$' -v -timeout 120m ./internal/world -mutants=$(MUTANTS)

soak: setup
	go test -run '^TestSoak$$' -v -timeout 60m ./monitor -soak=$(SOAK)
	SMS_KILLS=600 go test -run '^TestKill$$' -v -timeout 60m ./sms

setup:
	@scripts/setup

clean:
	rm -rf bin
