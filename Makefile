# libistauth. `make help` lists the targets. CC CFLAGS CPPFLAGS LDFLAGS are the user's; V=1 shows
# whole commands.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
CMAKEDIR ?= $(LIBDIR)/cmake/istauth
BUILD ?= build
CFLAGS ?= -O2 -g
OBJCOPY ?= objcopy
PKG_CONFIG ?= pkg-config

VERSION := $(shell sed -n 's/^.define ISTAUTH_VERSION "\([0-9.]*\)".*/\1/p' include/istauth/version.h)
SOVERSION := $(firstword $(subst ., ,$(VERSION)))

# Times and files of 64 bits on machines of 32, too.
IST_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -pthread -fPIC -fvisibility=hidden \
  -fstack-protector-strong -ffile-prefix-map=$(CURDIR)=. -MMD -MP \
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
  -Wmissing-prototypes -Wvla -Wundef -Wformat=2
IST_CPPFLAGS := -Iinclude -Ilib
IST_LIBS := -lcjson -lsodium -lcrypto
# Where the processor has no atomic access to 64 bits the compiler calls its library.
ATOMIC := $(if $(filter 1,$(shell echo __GCC_ATOMIC_LLONG_LOCK_FREE | $(CC) -E -P - 2>/dev/null)),-latomic)
IST_LIBS += $(ATOMIC)
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
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard $(addsuffix /*.c,$(1)))))

RULES_OBJ := $(call objects,lib/base lib/rules)
LIB_OBJ := $(RULES_OBJ) $(call objects,lib/flows lib/endpoints) $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard lib/stores/memory*.c)))
LIB_A := $(BUILD)/libistauth.a
LIB_SO := $(BUILD)/libistauth.so.$(VERSION)
EXAMPLE := $(BUILD)/isteam

# Libraries of their own, each over a client library (its pkg-config name) and of its sources: those
# that are wanted and whose client library is here.
BACKENDS ?= sqlite postgres curl
sqlite_PC := sqlite3
sqlite_SRC := lib/stores/sqlite*.c
postgres_PC := libpq
postgres_SRC := lib/stores/postgres*.c
curl_PC := libcurl
curl_SRC := lib/fetch/curl*.c
here = $(strip $(foreach l,$(1),$(if $(wildcard $($(l)_SRC)),$(if $(shell $(PKG_CONFIG) --exists $($(l)_PC) 2>/dev/null && echo yes),$(l)))))
OWN := $(call here,$(BACKENDS))
STORES := $(filter sqlite postgres,$(OWN))
own_objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard $($(1)_SRC))))
own_libs = $(foreach l,$(1),$(shell $(PKG_CONFIG) --libs $($(l)_PC)))
OWN_A := $(OWN:%=$(BUILD)/libistauth-%.a)
OWN_SO := $(OWN:%=$(BUILD)/libistauth-%.so.$(VERSION))
STORE_A := $(STORES:%=$(BUILD)/libistauth-%.a)
CHECK_OBJ := $(call objects,lib/check)
CHECK_A := $(BUILD)/libistauth-check.a
STORE_LIBS := $(call own_libs,$(STORES))

LEFT_OUT := $(filter-out $(OWN),$(BACKENDS))

all: $(LIB_A) $(LIB_SO) $(OWN_A) $(OWN_SO) $(CHECK_A) ## build the libraries, static and shared
	@:$(foreach l,$(LEFT_OUT),; echo "libistauth-$(l) is left out: pkg-config finds no $($(l)_PC)")

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC $<";)$(COMPILE) -c $< -o $@

$(LIB_A): $(LIB_OBJ)
	@rm -f $@
	$(if $(V),,@echo "  AR $@";)$(AR) rcsD $@ $^

$(LIB_SO): $(LIB_OBJ) lib/libistauth.map
	$(if $(V),,@echo "  LD $@";)$(LINK) -shared -Wl,-soname,libistauth.so.$(SOVERSION) -Wl,--version-script=lib/libistauth.map \
	  -Wl,--no-undefined $(LIB_OBJ) $(IST_LIBS) -o $@
	@ln -sf $(@F) $(BUILD)/libistauth.so.$(SOVERSION)
	@ln -sf $(@F) $(BUILD)/libistauth.so

define own_rules
$$(call own_objects,$(1)): IST_CPPFLAGS := -Iinclude -Ilib $$(shell $$(PKG_CONFIG) --cflags $($(1)_PC))

$$(BUILD)/libistauth-$(1).a: $$(call own_objects,$(1))
	@rm -f $$@
	$$(if $$(V),,@echo "  AR $$@";)$$(AR) rcsD $$@ $$^

$$(BUILD)/libistauth-$(1).so.$$(VERSION): $$(call own_objects,$(1)) $$(LIB_SO)
	$$(if $$(V),,@echo "  LD $$@";)$$(LINK) -shared -Wl,-soname,libistauth-$(1).so.$$(SOVERSION) -Wl,--version-script=lib/libistauth.map \
	  -Wl,--no-undefined $$^ $$(shell $$(PKG_CONFIG) --libs $($(1)_PC)) -o $$@
	@ln -sf $$(@F) $$(BUILD)/libistauth-$(1).so.$$(SOVERSION)
	@ln -sf $$(@F) $$(BUILD)/libistauth-$(1).so
endef
$(foreach l,$(OWN),$(eval $(call own_rules,$(l))))

# One object in which what is hidden is local: the archive defines what the header declares, no more.
# Without groups (those of i386's thunks), of which another object's twin would replace a local name.
# Without link-time optimisation, whose symbols objcopy does not see.
$(CHECK_OBJ) $(CHECK_A): override CFLAGS += -fno-lto
$(CHECK_A): $(CHECK_OBJ)
	@rm -f $@
	$(if $(V),,@echo "  AR $@";)$(CC) $(CFLAGS) -nostdlib -r -Wl,--force-group-allocation $^ -o $(BUILD)/obj/check.o
	@$(OBJCOPY) --localize-hidden $(BUILD)/obj/check.o
	@$(AR) rcsD $@ $(BUILD)/obj/check.o

FORCE:

include examples/examples.mk
include tests/tests.mk
include pkgconfig/install.mk
include pkgconfig/packages.mk
include docs/docs.mk

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

clean: ## remove what was built
	rm -rf build

.PHONY: FORCE all example demo tour test test-threads test-worlds check deps bench bench-stores bench-postgres fuzz soak soak-store install uninstall help clean
.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
