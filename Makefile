# libistauth. `make help` lists the targets. CC CFLAGS CPPFLAGS LDFLAGS are the user's; V=1 shows
# whole commands.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
BUILD ?= build
CFLAGS ?= -O2 -g
OBJCOPY ?= objcopy

VERSION := $(shell sed -n 's/^.define ISTAUTH_VERSION "\(.*\)"/\1/p' include/istauth/version.h)
SOVERSION := $(firstword $(subst ., ,$(VERSION)))

IST_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -pthread -fPIC -fvisibility=hidden \
  -fstack-protector-strong -MMD -MP \
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
  -Wmissing-prototypes -Wvla -Wundef -Wformat=2
IST_CPPFLAGS := -Iinclude -Ilib
IST_LIBS := -lcjson -lsodium -lcrypto
ifdef WERROR
IST_CFLAGS += -Werror
endif
# make SAN=address,undefined or SAN=thread: into a build folder of its own.
, := ,
ifdef SAN
override BUILD := $(BUILD)/san-$(subst $(,),-,$(SAN))-$(notdir $(CC))
IST_CFLAGS += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

COMPILE = $(CC) $(IST_CFLAGS) $(IST_CPPFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(IST_CFLAGS) $(CFLAGS) $(LDFLAGS)
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(addsuffix /*.c,$(1))))

RULES_OBJ := $(call objects,lib/base lib/rules)
LIB_OBJ := $(RULES_OBJ) $(call objects,lib/flows lib/endpoints) $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard lib/stores/memory*.c))
LIB_A := $(BUILD)/libistauth.a
LIB_SO := $(BUILD)/libistauth.so.$(VERSION)
EXAMPLE := $(BUILD)/isteam

# Libraries of their own, each over a client library (its pkg-config name) and of its sources: those
# whose client library is here.
sqlite_PC := sqlite3
sqlite_SRC := lib/stores/sqlite*.c
postgres_PC := libpq
postgres_SRC := lib/stores/postgres*.c
curl_PC := libcurl
curl_SRC := lib/fetch/curl*.c
here = $(strip $(foreach l,$(1),$(if $(wildcard $($(l)_SRC)),$(if $(shell pkg-config --exists $($(l)_PC) && echo yes),$(l)))))
STORES := $(call here,sqlite postgres)
OWN := $(STORES) $(call here,curl)
own_objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $($(1)_SRC)))
own_libs = $(foreach l,$(1),$(shell pkg-config --libs $($(l)_PC)))
OWN_A := $(OWN:%=$(BUILD)/libistauth-%.a)
OWN_SO := $(OWN:%=$(BUILD)/libistauth-%.so.$(VERSION))
STORE_A := $(STORES:%=$(BUILD)/libistauth-%.a)
CHECK_OBJ := $(call objects,lib/check)
CHECK_A := $(BUILD)/libistauth-check.a
STORE_LIBS := $(call own_libs,$(STORES))
PC := $(BUILD)/libistauth.pc $(BUILD)/libistauth-check.pc $(OWN:%=$(BUILD)/libistauth-%.pc)

all: $(LIB_A) $(LIB_SO) $(OWN_A) $(OWN_SO) $(CHECK_A) $(PC) ## build the libraries, static and shared

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC $<";)$(COMPILE) -c $< -o $@

$(LIB_A): $(LIB_OBJ)
	@rm -f $@
	$(if $(V),,@echo "  AR $@";)$(AR) rcs $@ $^

$(LIB_SO): $(LIB_OBJ) lib/libistauth.map
	$(if $(V),,@echo "  LD $@";)$(LINK) -shared -Wl,-soname,libistauth.so.$(SOVERSION) -Wl,--version-script=lib/libistauth.map \
	  -Wl,--no-undefined $(LIB_OBJ) $(IST_LIBS) -o $@
	@ln -sf $(@F) $(BUILD)/libistauth.so.$(SOVERSION)
	@ln -sf $(@F) $(BUILD)/libistauth.so

define own_rules
$$(call own_objects,$(1)): IST_CPPFLAGS := -Iinclude -Ilib $$(shell pkg-config --cflags $($(1)_PC))

$$(BUILD)/libistauth-$(1).a: $$(call own_objects,$(1))
	@rm -f $$@
	$$(if $$(V),,@echo "  AR $$@";)$$(AR) rcs $$@ $$^

$$(BUILD)/libistauth-$(1).so.$$(VERSION): $$(call own_objects,$(1)) $$(LIB_SO)
	$$(if $$(V),,@echo "  LD $$@";)$$(LINK) -shared -Wl,-soname,libistauth-$(1).so.$$(SOVERSION) -Wl,--version-script=lib/libistauth.map \
	  -Wl,--no-undefined $$^ $$(shell pkg-config --libs $($(1)_PC)) -o $$@
	@ln -sf $$(@F) $$(BUILD)/libistauth-$(1).so.$$(SOVERSION)
	@ln -sf $$(@F) $$(BUILD)/libistauth-$(1).so
endef
$(foreach l,$(OWN),$(eval $(call own_rules,$(l))))

# One object in which what is hidden is local: the archive defines what the header declares, no more.
$(CHECK_A): $(CHECK_OBJ)
	@rm -f $@
	$(if $(V),,@echo "  AR $@";)$(CC) $(CFLAGS) -nostdlib -r $^ -o $(BUILD)/obj/check.o
	@$(OBJCOPY) --localize-hidden $(BUILD)/obj/check.o
	@$(AR) rcs $@ $(BUILD)/obj/check.o

# Phony, because they depend on PREFIX.
$(PC): $(BUILD)/%.pc: pkgconfig/%.pc.in include/istauth/version.h FORCE
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	  -e 's|@VERSION@|$(VERSION)|' $< > $@

FORCE:

# --- the example server ---

EXAMPLE_PART_OBJ := $(filter-out %/main.o,$(call objects,examples/isteam))
EXAMPLE_OBJ := $(call objects,examples/isteam)
$(EXAMPLE_OBJ): IST_CPPFLAGS := -Iinclude $(if $(filter sqlite,$(STORES)),-DISTEAM_SQLITE) \
  $(if $(filter postgres,$(STORES)),-DISTEAM_POSTGRES) $(if $(filter curl,$(OWN)),-DISTEAM_CURL)

# Built anew when the libraries that it can use are others.
$(BUILD)/own: FORCE
	@mkdir -p $(@D)
	@echo '$(OWN)' | cmp -s - $@ || echo '$(OWN)' >$@

$(BUILD)/obj/examples/isteam/keep.o $(BUILD)/obj/examples/isteam/fetch.o: $(BUILD)/own

$(EXAMPLE): $(EXAMPLE_OBJ) $(OWN_A) $(LIB_A)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ -lmicrohttpd $(call own_libs,$(OWN)) $(IST_LIBS) -o $@

# A second server, which only verifies; with libcurl alone.
NOTES := $(if $(filter curl,$(OWN)),$(BUILD)/notes)
NOTES_OBJ := $(call objects,examples/notes) $(patsubst %,$(BUILD)/obj/examples/isteam/%.o,httpd listen log mcp_json)
$(call objects,examples/notes): IST_CPPFLAGS := -Iinclude -Iexamples $(shell pkg-config --cflags libcurl 2>/dev/null)

$(BUILD)/notes: $(NOTES_OBJ) $(LIB_A)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ -lmicrohttpd $(shell pkg-config --libs libcurl) $(IST_LIBS) -o $@

example: $(EXAMPLE) $(NOTES) ## build the example servers

demo: ## run the example server on http://127.0.0.1:8080 (installs what is missing; ARGS="--help")
	@tests/deps example
	@$(MAKE) --no-print-directory -s -j2 example
	@examples/demo $(EXAMPLE) $(ARGS)

tour: ## walk the whole road with curl, against a running demo (at URL)
	@tests/deps tour
	@examples/tour $(URL)

# --- C tests: rules link only rules and base, everything else links the library ---

UNIT_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
# Those of the PostgreSQL store run with a server of their own: POSTGRES=yes insists on it.
POSTGRES ?= $(if $(filter postgres,$(STORES)),$(shell tests/postgres find >/dev/null 2>&1 && echo yes))
WITH_POSTGRES := $(if $(POSTGRES),tests/postgres run,echo "The PostgreSQL tests are left out: no libpq or no server here";)
# Tests of a store that cannot be built or run here are left out.
NO_TESTS := $(if $(filter sqlite,$(STORES)),,tests/store/test_sqlite_%.c) $(if $(POSTGRES),,tests/store/test_postgres_%.c)
LIB_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(filter-out $(NO_TESTS),$(wildcard tests/store/test_*.c \
  tests/flows/test_*.c tests/endpoints/test_*.c)))
# Those that stand on the world of tests/support, and so on any store.
WORLD_TESTS := $(filter $(BUILD)/tests/flows/% $(BUILD)/tests/endpoints/%,$(LIB_TESTS))
EXAMPLE_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/example/test_*.c))
THREAD_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(filter-out $(NO_TESTS),$(shell grep -l pthread_create \
  tests/store/test_*.c tests/flows/test_*.c tests/endpoints/test_*.c tests/example/test_*.c 2>/dev/null) \
  $(wildcard tests/store/test_*_contract.c)))
SUPPORT_OBJ := $(filter-out %/any_store_sqlite.o %/any_store_postgres.o,$(call objects,tests/support)) \
  $(STORES:%=$(BUILD)/obj/tests/support/any_store_%.o)
# Archives, so that a test gets what it uses and names of one need not differ from names of another:
# what tests share, the kit as it is installed, and its parts for tests that use its records.
SUPPORT_A := $(BUILD)/tests/support.a $(CHECK_A) $(BUILD)/tests/kit.a
$(BUILD)/tests/support.a: $(SUPPORT_OBJ)
$(BUILD)/tests/kit.a: $(CHECK_OBJ)
$(BUILD)/tests/support.a $(BUILD)/tests/kit.a:
	@mkdir -p $(@D)
	@rm -f $@
	@$(AR) rcs $@ $^

$(BUILD)/obj/tests/%.o: IST_CPPFLAGS += -Itests -Iexamples $(if $(filter sqlite,$(STORES)),-DTEST_SQLITE) \
  $(if $(filter postgres,$(STORES)),-DTEST_POSTGRES $(shell pkg-config --cflags libpq))
$(BUILD)/obj/tests/support/any_store.o: $(BUILD)/own

$(UNIT_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(RULES_OBJ)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ $(IST_LIBS) -lcmocka -o $@

$(LIB_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(SUPPORT_A) $(STORE_A) $(LIB_A)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ $(STORE_LIBS) $(IST_LIBS) -lcmocka -o $@

$(EXAMPLE_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(SUPPORT_A) $(EXAMPLE_PART_OBJ) $(OWN_A) $(LIB_A)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ -lmicrohttpd $(call own_libs,$(OWN)) $(IST_LIBS) -lcmocka -o $@

# Every socket that the fetcher makes is counted.
FETCH_TESTS := $(if $(filter curl,$(OWN)),$(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/fetch/test_*.c)))
$(FETCH_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(filter-out $(BUILD)/obj/tests/fetch/test_%,$(call objects,tests/fetch)) \
  $(BUILD)/libistauth-curl.a $(LIB_A)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD $@";)$(LINK) -Wl,--wrap=socket $^ $(call own_libs,curl) $(IST_LIBS) -lssl -lcmocka -o $@

# A store as an author of one would write it, and its run of the kit.
CUSTOM := $(BUILD)/custom_store
$(BUILD)/obj/examples/custom_store.o: IST_CPPFLAGS := -Iinclude
$(CUSTOM): $(BUILD)/obj/examples/custom_store.o $(CHECK_A) $(LIB_A)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ $(IST_LIBS) -o $@

test: $(UNIT_TESTS) $(LIB_TESTS) $(FETCH_TESTS) $(EXAMPLE_TESTS) $(CUSTOM) ## run the C tests
	@$(WITH_POSTGRES) tests/run-c $(filter-out $(CUSTOM),$^) '$(CUSTOM) $(CUSTOM).journal'

test-worlds: $(WORLD_TESTS) ## run flows and endpoints on the store that ISTAUTH_TEST_STORE names
	@$(WITH_POSTGRES) tests/run-c $^

test-threads: $(THREAD_TESTS) $(CUSTOM)
	@$(WITH_POSTGRES) tests/run-c $(filter-out $(CUSTOM),$^) '$(CUSTOM) $(CUSTOM).journal'

check: ## run every test (installs what is missing); the last line counts them
	@tests/deps check
	@tests/check

deps: ## install what building, testing and the example need
	@tests/deps check

BENCH := $(BUILD)/bench/verify
$(BENCH): $(BUILD)/obj/tests/bench/bench_verify.o $(LIB_A)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ $(IST_LIBS) -o $@

bench: $(BENCH) ## what a bearer check costs, beside one hash and one memory read
	@$(BENCH)

BENCH_POSTGRES := $(BUILD)/bench/postgres
$(BENCH_POSTGRES): $(BUILD)/obj/tests/bench/bench_postgres.o $(STORE_A) $(LIB_A)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ $(STORE_LIBS) $(IST_LIBS) -o $@

GRANTS ?= 1000000

bench-postgres: $(BENCH_POSTGRES) ## how large a million grants are in PostgreSQL, and how fast (GRANTS)
	@tests/postgres run fsync=on shared_buffers=1GB max_wal_size=4GB $(BENCH_POSTGRES) $(GRANTS)

TARGET ?= request
SECONDS ?= 60
FUZZ_SRC := tests/fuzz/fuzz.c tests/support/fuzz_targets.c \
  $(wildcard lib/base/*.c lib/rules/*.c lib/flows/*.c lib/endpoints/*.c lib/stores/memory*.c)

fuzz: ## fuzz one TARGET of tests/support/fuzz_targets.c for some SECONDS, with clang
	@mkdir -p $(BUILD)/fuzz/$(TARGET)
	clang -std=c11 -D_POSIX_C_SOURCE=200809L -pthread -O1 -g -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=all -DFUZZ_TARGET='"$(TARGET)"' -Iinclude -Ilib -Itests $(FUZZ_SRC) \
	  $(IST_LIBS) -o $(BUILD)/fuzz/fuzz-$(TARGET)
	$(BUILD)/fuzz/fuzz-$(TARGET) -max_total_time=$(SECONDS) -max_len=8192 -print_final_stats=1 \
	  -artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/$(TARGET) tests/fuzz/corpus/$(TARGET)

# --- installing ---

install: all ## install headers, libraries and pkg-config file (PREFIX, DESTDIR)
	install -d $(DESTDIR)$(INCLUDEDIR)/istauth $(DESTDIR)$(LIBDIR) $(DESTDIR)$(PKGCONFIGDIR)
	install -m 644 include/istauth.h $(DESTDIR)$(INCLUDEDIR)
	install -m 644 include/istauth/*.h $(DESTDIR)$(INCLUDEDIR)/istauth
	install -m 644 $(LIB_A) $(OWN_A) $(CHECK_A) $(DESTDIR)$(LIBDIR)
	install -m 755 $(LIB_SO) $(OWN_SO) $(DESTDIR)$(LIBDIR)
	for l in libistauth $(OWN:%=libistauth-%); do \
	  ln -sf $$l.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$$l.so.$(SOVERSION) && \
	  ln -sf $$l.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/$$l.so || exit 1; done
	install -m 644 $(PC) $(DESTDIR)$(PKGCONFIGDIR)

uninstall: ## remove what install put there
	rm -rf $(DESTDIR)$(INCLUDEDIR)/istauth $(DESTDIR)$(INCLUDEDIR)/istauth.h
	rm -f $(DESTDIR)$(LIBDIR)/libistauth.* $(DESTDIR)$(LIBDIR)/libistauth-* \
	  $(DESTDIR)$(PKGCONFIGDIR)/libistauth.pc $(DESTDIR)$(PKGCONFIGDIR)/libistauth-*.pc

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

clean: ## remove what was built
	rm -rf build

# Rare and long: not part of make check.
soak: ## soak-store, then fuzz every target for ten minutes each
	$(MAKE) soak-store
	for target in form client redirect scope authorization token base64url json identifier jwt jwks authorize document cache_control introspection unproven request; do \
	  $(MAKE) fuzz TARGET=$$target SECONDS=600 || exit 1; done

ROUNDS ?= 1000000

CRASHES ?= 10000

soak-store: $(filter %_contract,$(LIB_TESTS)) $(EXAMPLE) ## race every store a million ROUNDS, kill the server ten thousand times (CRASHES)
	tests/postgres run tests/races $(ROUNDS) $(filter %_contract,$^)
	CRASHES_SQLITE=$(CRASHES) CRASHES_POSTGRES=$(CRASHES) tests/postgres run tests/run-js crash/crash.test.mjs

.PHONY: FORCE all example demo tour test test-threads test-worlds check deps bench bench-postgres fuzz soak soak-store install uninstall help clean
.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
