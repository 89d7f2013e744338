# libistauth. `make help` lists the targets. CC CFLAGS CPPFLAGS LDFLAGS are the user's.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
BUILD ?= build
CFLAGS ?= -O2 -g

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
ifdef SAN
BUILD := $(BUILD)/san-$(subst $(,),-,$(SAN))-$(notdir $(CC))
IST_CFLAGS += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
, := ,

COMPILE = $(CC) $(IST_CFLAGS) $(IST_CPPFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(IST_CFLAGS) $(CFLAGS) $(LDFLAGS)
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(addsuffix /*.c,$(1))))

RULES_OBJ := $(call objects,lib/base lib/rules)
LIB_OBJ := $(RULES_OBJ) $(call objects,lib/flows lib/endpoints lib/stores)
LIB_A := $(BUILD)/libistauth.a
LIB_SO := $(BUILD)/libistauth.so.$(VERSION)
PC := $(BUILD)/libistauth.pc
EXAMPLE := $(BUILD)/isteam

all: $(LIB_A) $(LIB_SO) $(PC) ## build the library, static and shared

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) -c $< -o $@

$(LIB_A): $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(LIB_SO): $(LIB_OBJ) lib/libistauth.map
	$(LINK) -shared -Wl,-soname,libistauth.so.$(SOVERSION) -Wl,--version-script=lib/libistauth.map \
	  -Wl,--no-undefined $(LIB_OBJ) $(IST_LIBS) -o $@
	ln -sf $(@F) $(BUILD)/libistauth.so.$(SOVERSION)
	ln -sf $(@F) $(BUILD)/libistauth.so

$(PC): pkgconfig/libistauth.pc.in include/istauth/version.h
	@mkdir -p $(@D)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	  -e 's|@VERSION@|$(VERSION)|' $< > $@

# --- C tests: rules link only rules and base, everything else links the library ---

UNIT_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
LIB_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/store/test_*.c \
  tests/flows/test_*.c tests/endpoints/test_*.c))
SUPPORT_OBJ := $(call objects,tests/support)

$(BUILD)/obj/tests/%.o: IST_CPPFLAGS += -Itests

$(UNIT_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(RULES_OBJ)
	@mkdir -p $(@D)
	$(LINK) $^ $(IST_LIBS) -lcmocka -o $@

$(LIB_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(SUPPORT_OBJ) $(LIB_A)
	@mkdir -p $(@D)
	$(LINK) $^ $(IST_LIBS) -lcmocka -o $@

test: $(UNIT_TESTS) $(LIB_TESTS) ## run the C tests
	tests/run-c $^

# --- the example server ---

EXAMPLE_OBJ := $(call objects,examples/isteam)

$(EXAMPLE): $(EXAMPLE_OBJ) $(LIB_A)
	$(LINK) $^ -lmicrohttpd $(IST_LIBS) -o $@

example: $(EXAMPLE) ## build the example server

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

clean: ## remove what was built
	rm -rf build

.PHONY: all test example help clean
.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
