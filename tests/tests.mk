# What builds and runs tests, benchmarks and fuzzers: a part of the Makefile.

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
	@$(AR) rcsD $@ $^

$(BUILD)/obj/tests/%.o: IST_CPPFLAGS += -Itests -Iexamples $(if $(filter sqlite,$(STORES)),-DTEST_SQLITE) \
  $(if $(filter postgres,$(STORES)),-DTEST_POSTGRES $(shell $(PKG_CONFIG) --cflags libpq))
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

# What is taken from one machine to another.
MOVED := $(if $(filter sqlite,$(STORES)),$(BUILD)/tests/cross/moved)
$(MOVED): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(SUPPORT_A) $(STORE_A) $(LIB_A)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ $(STORE_LIBS) $(IST_LIBS) -lcmocka -o $@

moved: $(MOVED)
.PHONY: moved cross test-unit test-library

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

test: $(UNIT_TESTS) $(LIB_TESTS) $(FETCH_TESTS) $(EXAMPLE_TESTS) $(RULES_ONLY) $(CUSTOM) ## run the C tests
	@$(WITH_POSTGRES) tests/run-c $(filter-out $(CUSTOM),$^) '$(CUSTOM) $(CUSTOM).journal'

test-unit: $(UNIT_TESTS) ## run the C tests of the rules
	@tests/run-c $^

test-library: $(UNIT_TESTS) $(LIB_TESTS) $(CUSTOM) ## run the C tests of the library and its stores alone
	@$(WITH_POSTGRES) tests/run-c $(filter-out $(CUSTOM),$^) '$(CUSTOM) $(CUSTOM).journal'

test-worlds: $(WORLD_TESTS) ## run flows and endpoints on the store that ISTAUTH_TEST_STORE names
	@$(WITH_POSTGRES) tests/run-c $^

test-threads: $(THREAD_TESTS) $(CUSTOM)
	@$(WITH_POSTGRES) tests/run-c $(filter-out $(CUSTOM),$^) '$(CUSTOM) $(CUSTOM).journal'

check: ## run every test (installs what is missing); the last line counts them
	@tests/deps check
	@tests/check

.PHONY: interop
interop: ## drive every client that can be run, and write docs/client-matrix.md (installs 1.3 GB)
	@tests/deps interop
	@tests/clients/run

deps: ## install what building, testing and the example need
	@tests/deps check

MACHINES ?= i386 armhf arm64 s390x powerpc musl

# Long, and with many packages: what of it is quick is in make check, too.
cross: ## build and test for other MACHINES under qemu, with musl, and in other dialects of C
	@tests/deps cross
	@tests/cross/sysroot all $(filter i386 armhf arm64 s390x,$(MACHINES))
	@set -e; for machine in $(filter powerpc musl,$(MACHINES)); do tests/cross/from-source $$machine; done
	@tests/cross/run all $(MACHINES) && tests/cross/compilers all

BENCH := $(BUILD)/bench/verify
$(BENCH): $(BUILD)/obj/tests/bench/bench_verify.o $(LIB_A)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ $(IST_LIBS) -o $@

bench: $(BENCH) ## what a bearer check costs, beside one hash and one memory read
	@$(BENCH)

BENCH_VERBS := $(BUILD)/obj/tests/bench/verbs.o

BENCH_STORES := $(BUILD)/bench/stores
BENCH_POSTGRES := $(BUILD)/bench/postgres
$(BENCH_STORES) $(BENCH_POSTGRES): $(BUILD)/bench/%: $(BUILD)/obj/tests/bench/bench_%.o $(BENCH_VERBS) $(STORE_A) $(LIB_A)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ $(STORE_LIBS) $(IST_LIBS) -o $@

GRANTS ?= 1000000

bench-stores: $(BENCH_STORES) ## how large a million grants are in memory and in SQLite, and how fast (GRANTS)
	@$(BENCH_STORES) $(BUILD)/bench/stores.db $(GRANTS)

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

# Rare and long: not part of make check.
soak: ## soak-store, then fuzz every target for ten minutes each
	$(MAKE) soak-store
	for target in form client redirect scope authorization token base64url json identifier jwt jwks authorize document cache_control introspection unproven request; do \
	  $(MAKE) fuzz TARGET=$$target SECONDS=600 || exit 1; done

ROUNDS ?= 1000000

CRASHES ?= 10000

soak-store: $(filter %_contract,$(LIB_TESTS)) $(EXAMPLE) ## race every store a million ROUNDS, kill the server ten thousand times (CRASHES)
	tests/postgres run tests/races $(ROUNDS) $(filter %_contract,$^)
	CRASHES_SQLITE=$(CRASHES) CRASHES_POSTGRES=$(CRASHES) tests/postgres run tests/run-js crash/sqlite.test.mjs crash/postgres.test.mjs
