# dnsclaim - tests claims made from DNS look-ups against innocent explanations
#
#   make              build build/release/dnsclaim (installs what Debian lacks)
#   make demo         build, simulate or read the shipped input, test it, print the report's path
#   make test         build and run every test
#   make test-slow    Debian's DNS servers on loopback: their logs and dnstap against a capture
#   make test-latex   the LaTeX of the shipped studies through pdflatex
#   make test-browser the pages of the shipped studies in Chromium
#   make test-deb     the Debian package installed and run on a clean system (root)
#   make validate     calibration and power of every method, with foils (30 minutes);
#                     make validate-full: all replicates, resumes, may take a day
#   make fuzz-diff    our capture reader beside libpcap + ldns on changed packets (3 minutes)
#   make fuzz         the fuzz targets with libFuzzer; make fuzz-smoke: 20 s of each
#   make bench        look-ups/s and fits/s beside peers
#   make bench-formats  ingest speed of every format beside programs that read it
#   make notebooks    run the notebooks
#   make lint         warnings as errors, clang-format, clang-tidy, cppcheck, lengths, layers
#   make format       clang-format in place
#   make install      PREFIX=/usr/local DESTDIR=
#   make deb          a Debian package in build/
#   make deps         install the Debian packages named below
#   make clean
#   MODE=asan|tsan|cov make test    sanitizers or coverage, in build/MODE
#
# Everything is built without a configure step; `make MODE=x` never mixes objects
# of two modes.

MODE ?= release
B := build/$(MODE)
PREFIX ?= /usr/local
VERSION := $(shell cat VERSION)

# Debian packages, in one place: to build, to test, and for the slow targets.
DEPS := gcc libc6-dev pkg-config libgsl-dev libcsv-dev libpcap-dev libcmocka-dev \
        libsqlite3-dev libfyaml-dev libjansson-dev libssl-dev librandom123-dev \
        libxxhash-dev libarchive-dev zlib1g-dev libpsl-dev publicsuffix libfstrm-dev \
        libprotobuf-c-dev protobuf-c-compiler libcbor-dev gnuplot-nox tzdata
TEST_DEPS := python3 python3-jsonschema sqlite3 man-db libldns-dev
NOTEBOOK_DEPS := python3-numpy python3-pandas python3-matplotlib jupyter-nbconvert \
                 python3-ipykernel jupyter-client
FUZZ_DEPS := clang llvm
SLOW_DEPS := python3 bind9 unbound dnsmasq-base pdns-server pdns-backend-bind pdns-recursor knot \
             knot-module-dnstap dnsdist fstrm-bin tcpdump
# A nodejs that is not Debian's may bring npm itself, and then refuses Debian's.
NPM := $(if $(shell command -v npm),,npm)
BROWSER_DEPS := chromium nodejs $(NPM)
LATEX_DEPS := texlive-latex-base texlive-latex-recommended lmodern
LINT_DEPS := clang-format clang-tidy cppcheck universal-ctags shellcheck
R_DEPS := r-base-core r-cran-dbi r-cran-rsqlite r-cran-jsonlite
BENCH_DEPS := mawk tshark nodejs $(NPM) r-base-core r-cran-mass time
BENCH_FORMATS_DEPS := python3 python3-cbor2 mawk jq tshark dnstop dnscap dnstap-ldns time

PKGS := gsl sqlite3 libfyaml jansson libcrypto libarchive libpcap zlib libpsl libfstrm \
        libprotobuf-c libcbor
LIBS = $(shell pkg-config --libs $(PKGS)) -lcsv -lpthread -lm

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
        -Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 $(if $(WERROR),-Werror)
OPT_release := -O2 -g
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
OPT_tsan := -O1 -g -fsanitize=thread
OPT_cov := -O0 -g --coverage
OPT_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
CFLAGS ?=
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -I. -Ibuild/made -DDNSCLAIM_VERSION='"$(VERSION)"' $(OPT_$(MODE)) \
             -ffp-contract=off -fno-math-errno $(WARN) \
             $(shell pkg-config --cflags $(PKGS)) $(CFLAGS)
LDFLAGS_ALL = $(OPT_$(MODE)) $(LDFLAGS)

LIB_SRC := $(wildcard base/*.c ingest/*.c stats/*.c models/*.c report/*.c)
CLI_SRC := $(wildcard cli/*.c)
TEST_SRC := $(wildcard tests/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o) $(B)/made/dnstap.pb-c.o
CLI_OBJ := $(CLI_SRC:%.c=$(B)/%.o)
TESTS := $(TEST_SRC:%.c=$(B)/%)
FUZZ := $(FUZZ_SRC:%.c=$(B)/%)
VALIDATE := $(B)/validate
FUZZ_DIFF := $(B)/fuzz-diff
HEADERS := $(wildcard base/*.h ingest/*.h stats/*.h models/*.h report/*.h cli/*.h)

.PHONY: all demo test unit-tests test-slow reports test-latex test-browser test-deb check fuzz fuzz-targets fuzz-smoke fuzz-diff validate validate-full \
        bench bench-formats notebooks lint format \
        install uninstall deb deps test-deps clean help check-layers check-headers check-docs
.DELETE_ON_ERROR:
.SECONDARY:

all: $(B)/dnsclaim

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

# --- packages: asked for only when one is missing -------------------------------------
SUDO = $(if $(filter 0,$(shell id -u)),,sudo)
# $(call need,packages): install those that dpkg does not know; elsewhere than on
# Debian, trust what is there and let the compiler speak.
need = @if command -v dpkg-query >/dev/null; then \
	  missing=; for p in $(1); do \
	    dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; \
	  done; \
	  if [ -n "$$missing" ]; then echo "installing:$$missing"; \
	    $(SUDO) apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; \
	  fi; fi

build/deps.stamp: Makefile
	$(call need,$(DEPS))
	@mkdir -p $(@D) && touch $@
build/test-deps.stamp: Makefile build/deps.stamp
	$(call need,$(TEST_DEPS))
	@mkdir -p $(@D) && touch $@
deps: build/deps.stamp
test-deps: build/test-deps.stamp

# --- building --------------------------------------------------------------------------
# Objects are rebuilt when the flags change.
$(B)/flags: FORCE | build/deps.stamp
	@mkdir -p $(@D); echo '$(subst ','\'',$(ALL_CFLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(ALL_CFLAGS))' > $@
FORCE:

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# What protoc-c makes of the schema stays in build/, and its warnings are its own.
build/made/dnstap.pb-c.c build/made/dnstap.pb-c.h &: ingest/dnstap.proto | build/deps.stamp
	@mkdir -p $(@D)
	protoc-c --proto_path=ingest --c_out=$(@D) $<
$(B)/made/dnstap.pb-c.o: build/made/dnstap.pb-c.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -w -c -o $@ $<
$(B)/ingest/dnstap.o: build/made/dnstap.pb-c.h

$(B)/libdnsclaim.a: $(LIB_OBJ)
	@rm -f $@; $(AR) rcs $@ $^

$(B)/dnsclaim: $(CLI_OBJ) $(B)/libdnsclaim.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

$(B)/tests/test_%: $(B)/tests/test_%.o $(B)/libdnsclaim.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) -lcmocka

$(B)/validate: $(patsubst %.c,$(B)/%.o,$(wildcard tests/validate/*.c)) $(B)/libdnsclaim.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

FUZZ_MAIN := $(if $(filter fuzz,$(MODE)),,$(B)/tests/fuzz/replay.o)
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(FUZZ_MAIN) $(B)/libdnsclaim.a
	$(CC) $(LDFLAGS_ALL) $(if $(FUZZ_MAIN),,-fsanitize=fuzzer) -o $@ $^ $(LIBS)

$(B)/tests/diff/%.o: | build/test-deps.stamp
$(FUZZ_DIFF): $(patsubst %.c,$(B)/%.o,$(wildcard tests/diff/*.c)) $(B)/libdnsclaim.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) -lldns

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- main job --------------------------------------------------------------------------
demo: $(B)/dnsclaim
	@bash studies/demo.sh $(B)/dnsclaim build/demo

# --- tests -----------------------------------------------------------------------------
test: build/test-deps.stamp all check-layers check-headers check-docs $(TESTS) $(FUZZ) $(VALIDATE) $(FUZZ_DIFF)
	@bash tests/run.sh $(B)
check: test
unit-tests: build/test-deps.stamp $(TESTS)

# Needs root, to capture. The packages' own services are not started, but their units are
# enabled: on a machine that is to stay as it is, run this in a container.
test-slow: all
	$(call need,$(SLOW_DEPS) $(R_DEPS))
	@bash tests/slow/servers.sh $(B)/dnsclaim
	@DNSCLAIM=$(CURDIR)/$(B)/dnsclaim bash tests/cli/report-is-read-from-r.sh
	@$(MAKE) --no-print-directory test-latex
test-slow: SUDO := $(SUDO) sh tests/slow/without-services.sh

# Reports of every shipped study, and of hostile names, kept while they are newer than the program.
reports: all
	$(call need,$(TEST_DEPS))
	@bash tests/reports.sh $(B)/dnsclaim build/reports

# Their LaTeX compiles without a warning.
test-latex: reports
	$(call need,$(LATEX_DEPS))
	@bash tests/slow/latex.sh build/reports

# Their pages in Debian's Chromium; npm brings playwright-core. Screenshots to look at:
# build/browser.
test-browser: reports
	$(call need,$(BROWSER_DEPS))
	@bash tests/browser/run.sh build/reports build/browser

# The package on a clean Debian, in a folder below /var/tmp that is removed again; needs root.
test-deb: deb
	$(call need,debootstrap)
	@$(SUDO) bash tests/slow/deb.sh build/dnsclaim_$(VERSION)_$$(dpkg --print-architecture).deb

# Captures of real traffic are read too where there are some.
REAL := $(or $(DNSCLAIM_REAL),../shared/real)
fuzz-diff: build/test-deps.stamp $(FUZZ_DIFF)
	$(FUZZ_DIFF) --seconds 60 tests/data/*.pcap tests/data/*.pcapng
	@[ ! -e $(REAL)/CORE.txt ] || $(FUZZ_DIFF) --seconds 120 \
	  $$(sed -n '/^#/!s,^\([^\t]*\).*,$(REAL)/pcap/\1,p' $(REAL)/CORE.txt)

# The fuzz targets with libFuzzer in place of the replayer; MODE=fuzz is for this alone.
# New inputs are kept in *.found; one that fails is written beside its target.
fuzz:
	$(call need,$(FUZZ_DEPS))
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang WARN= fuzz-targets
fuzz-targets: $(FUZZ)

fuzz-smoke: fuzz
	@for f in $(FUZZ_SRC:%.c=build/fuzz/%); do \
	  echo "$${f##*/}:"; mkdir -p $$f.found; \
	  $$f -max_total_time=20 -timeout=10 -rss_limit_mb=4096 -verbosity=0 -print_final_stats=1 \
	    -artifact_prefix=$$f. $$f.found tests/fuzz/corpus/$${f##*/} 2>$$f.log || \
	    { tail -n 40 $$f.log; exit 1; }; \
	  grep -E 'number_of_executed_units' $$f.log; done

check-layers:
	@bash tests/check-layers.sh

check-docs: all $(VALIDATE)
	@bash tests/check-docs.sh $(VALIDATE)

check-headers: | build/deps.stamp
	@for h in $(HEADERS); do \
	  echo "#include \"$$h\"" | $(CC) $(ALL_CFLAGS) -Werror -fsyntax-only -x c - || exit 1; done; \
	  echo "every header compiles alone: $(words $(HEADERS))"

COMMIT = $(or $(shell git describe --always --dirty 2>/dev/null),unknown)
validate: $(VALIDATE)
	$(VALIDATE) --minutes 30 --commit $(COMMIT) --write docs/validation.md

validate-full: $(VALIDATE)
	$(VALIDATE) --full --commit $(COMMIT) --resume build/validate-full.state --write docs/validation.md

bench: all
	$(call need,$(BENCH_DEPS))
	@bash tests/bench/run.sh $(B)
	@$(MAKE) --no-print-directory bench-formats

bench-formats: all
	$(call need,$(BENCH_FORMATS_DEPS))
	@bash tests/bench/formats.sh $(B)

notebooks: all
	$(call need,$(NOTEBOOK_DEPS))
	@bash notebooks/run.sh $(B)/dnsclaim

# --- style -----------------------------------------------------------------------------
lint: build/deps.stamp
	$(call need,$(LINT_DEPS))
	@$(MAKE) --no-print-directory MODE=lint OPT_lint="-O2 -g" WERROR=1 all check-layers check-headers
	@bash tests/lint.sh

format:
	clang-format -i $(LIB_SRC) $(CLI_SRC) $(HEADERS) $(wildcard tests/*.[ch] tests/*/*.[ch])

install: all
	install -D -m 755 $(B)/dnsclaim $(DESTDIR)$(PREFIX)/bin/dnsclaim
	install -D -m 644 docs/dnsclaim.1 $(DESTDIR)$(PREFIX)/share/man/man1/dnsclaim.1
	mkdir -p $(DESTDIR)$(PREFIX)/share/dnsclaim/studies $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	$(B)/dnsclaim completion > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/dnsclaim
	cp -r studies/. $(DESTDIR)$(PREFIX)/share/dnsclaim/studies/
	install -D -m 644 docs/results.schema.json $(DESTDIR)$(PREFIX)/share/dnsclaim/results.schema.json

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/dnsclaim $(DESTDIR)$(PREFIX)/share/man/man1/dnsclaim.1 \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/dnsclaim
	rm -rf $(DESTDIR)$(PREFIX)/share/dnsclaim

# build/dnsclaim_VERSION_ARCH.deb; its dependencies are the libraries that the program needs.
deb: all
	$(call need,dpkg-dev)
	@rm -rf build/deb && $(MAKE) --no-print-directory install DESTDIR=build/deb PREFIX=/usr >/dev/null
	@mkdir -p build/deb/DEBIAN build/shlibs/debian && echo 'Source: dnsclaim' > build/shlibs/debian/control
	@gzip -9n build/deb/usr/share/man/man1/dnsclaim.1 && strip build/deb/usr/bin/dnsclaim
	@install -D -m 644 LICENSE build/deb/usr/share/doc/dnsclaim/copyright
	@{ echo 'Package: dnsclaim'; echo 'Version: $(VERSION)'; echo "Architecture: $$(dpkg --print-architecture)"; \
	  echo 'Maintainer: dnsclaim <nobody@invalid>'; echo 'Section: science'; echo 'Priority: optional'; \
	  (cd build/shlibs && dpkg-shlibdeps -O ../deb/usr/bin/dnsclaim) | sed 's/^shlibs:Depends=/Depends: publicsuffix, tzdata, /'; \
	  echo 'Recommends: gnuplot-nox'; \
	  echo 'Description: tests claims made from DNS look-ups against innocent explanations'; } > build/deb/DEBIAN/control
	@dpkg-deb --root-owner-group --build build/deb build

clean:
	rm -rf build
