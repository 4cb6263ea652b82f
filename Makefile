# SPDX-License-Identifier: Apache-2.0
#
#   make                                  build it
#   make run SOURCE=DIR DESTINATION=DIR   keep a copy, until Ctrl-C
#   make test                             build and run the tests
#   make soak SECONDS=600                 random changes, kills and comparisons for so long; SEED=
#   make simulate SEED=N STEPS=N SEEDS=N  run it over a simulated kernel (SEEDS of them from SEED on)
#   make damage                           read a journal with every bit flipped and every length, each in turn
#   make fuzz SECONDS=300                 run each fuzzer of what is read for so long
#   make install                          install it, with PREFIX and DESTDIR
SWIFT ?= swift
PREFIX ?= /usr/local
UNITDIR ?= $(PREFIX)/lib/systemd/system
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
# sudo has a PATH of its own, which may lack Swift.
AS_ROOT := $(if $(SUDO),sudo env "PATH=$$PATH")
# Debug and release share nothing: one configuration everywhere saves a second build.
BUILD = $(SWIFT) build -c release
TREELINE = .build/release/treeline

.PHONY: all build run test test-full soak bench-latency bench-burst bench-start bench-rename \
  bench-restart bench-events bench-large bench-copy bench-peers bench-journal bench-journal-read \
  simulate damage fuzz install man format \
  clean dependencies test-dependencies

all: build

build: dependencies
	$(BUILD) --product treeline

run: build
	@test -n "$(SOURCE)" -a -n "$(DESTINATION)" || \
	  { echo "usage: make run SOURCE=DIR DESTINATION=DIR"; exit 64; }
	$(SUDO) $(TREELINE) backup $(OPTIONS) -- "$(SOURCE)" "$(DESTINATION)"

# What needs root or a tool that is missing says so and is skipped.
test: dependencies test-dependencies
	$(BUILD) --build-tests
	$(AS_ROOT) Tests/run

# Every test at the size that the figures are quoted for.
test-full: dependencies test-dependencies
	$(BUILD) --build-tests
	$(AS_ROOT) env TREELINE_FULL=1 Tests/run

# Rounds of random changes under the program, which is killed now and then; what differs ends it with 1.
soak: build
	$(BUILD) --product workload && $(BUILD) --product treecompare
	$(AS_ROOT) Tests/Soak/soak.sh $(or $(SECONDS),600) $(SEED)

# Every flipped bit and every truncation of a journal, each read; EVERY=N takes every N-th.
damage: dependencies
	$(BUILD) --product journaldamage
	Tests/Damage/damage.sh

# Each fuzzer for so long; FUZZERS="records cursors" names some only. Nothing of it is built otherwise.
fuzz: dependencies
	Tests/Fuzz/fuzz.sh $(or $(SECONDS),300)

# Prints the shortest operations that fail, and ends with 1, when it finds a difference. The nightly
# size is SEEDS=1000 STEPS=10000.
STEPS ?= 10000
SEEDS ?= 1
simulate: dependencies
	$(BUILD) --product treeline-simulate
	.build/release/treeline-simulate $(if $(SEED),--seed $(SEED)) --steps $(STEPS) --seeds $(SEEDS) \
	  $(SIMULATE_OPTIONS)

# The installed program runs where Swift is not: its libraries are in it.
install: dependencies
	$(BUILD) --product treeline --static-swift-stdlib --scratch-path .build/install
	install -D -m 755 -s .build/install/release/treeline "$(DESTDIR)$(PREFIX)/bin/treeline"
	install -d "$(DESTDIR)$(UNITDIR)"
	sed 's|@PREFIX@|$(PREFIX)|' Packaging/treeline@.service \
	  > "$(DESTDIR)$(UNITDIR)/treeline@.service"
	chmod 644 "$(DESTDIR)$(UNITDIR)/treeline@.service"
	Packaging/man/make-pages .build/install/release/treeline .build/man
	install -d "$(DESTDIR)$(PREFIX)/share/man/man1"
	install -m 644 .build/man/*.1 "$(DESTDIR)$(PREFIX)/share/man/man1/"

# The pages are made from the program's own help.
man: build
	Packaging/man/make-pages $(TREELINE) .build/man

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

clean:
	$(SWIFT) package clean

# Package names are Debian's and Ubuntu's; elsewhere the same are to be installed by hand.
dependencies:
	@pkg-config --exists liblz4 2>/dev/null || \
	  { $(SUDO) apt-get update -qq && \
	    $(SUDO) apt-get install -y -qq --no-install-recommends liblz4-dev pkg-config; }

test-dependencies:
	@PATH="$$PATH:/usr/sbin:/sbin"; \
	for tool in mkfs.ext4:e2fsprogs mkfs.xfs:xfsprogs mkfs.btrfs:btrfs-progs lz4:lz4 git:git \
	    setfacl:acl setfattr:attr rsync:rsync strace:strace; do \
	  command -v $${tool%%:*} >/dev/null || missing="$$missing $${tool##*:}"; \
	done; \
	test -z "$$missing" || { $(SUDO) apt-get update -qq && \
	  $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; } || \
	  echo "not installed:$$missing; the tests that need them are skipped"

# A journal of ten million records, RECORDS=: half a minute, and 600 MB of disk.
bench-journal-read: build
	$(BUILD) --product longjournal
	Tests/Benchmarks/journal-read.sh

# Each prints its figures; root, and a few minutes.
bench-latency bench-burst bench-start bench-restart bench-rename bench-events bench-large bench-copy \
bench-peers: build
	for tool in pace cscan ccopy storm treecompare; do $(BUILD) --product $$tool || exit; done
	$(AS_ROOT) Tests/Benchmarks/$(@:bench-%=%).sh

bench-journal: dependencies
	for tool in cjournal journalspeed; do $(BUILD) --product $$tool || exit; done
	Tests/Benchmarks/journal.sh
