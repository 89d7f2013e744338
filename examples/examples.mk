# The example programs: a part of the Makefile.

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

# SHARED=yes links the shared libraries, as a distributor's packages do.
$(EXAMPLE): $(EXAMPLE_OBJ) $(if $(SHARED),$(OWN_SO) $(LIB_SO),$(OWN_A) $(LIB_A))
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ -lmicrohttpd $(call own_libs,$(OWN)) $(IST_LIBS) -o $@

# A second server, which only verifies; with libcurl alone.
NOTES := $(if $(filter curl,$(OWN)),$(BUILD)/notes)
NOTES_OBJ := $(call objects,examples/notes) $(patsubst %,$(BUILD)/obj/examples/isteam/%.o,httpd listen log mcp_json)
$(call objects,examples/notes): IST_CPPFLAGS := -Iinclude -Iexamples $(shell $(PKG_CONFIG) --cflags libcurl 2>/dev/null)

$(BUILD)/notes: $(NOTES_OBJ) $(LIB_A)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ -lmicrohttpd $(shell $(PKG_CONFIG) --libs libcurl) $(IST_LIBS) -o $@

# A server that verifies on the store of another process.
VERIFY_ONLY := $(if $(filter sqlite,$(STORES)),$(BUILD)/verify_only)
$(BUILD)/obj/examples/verify_only.o: IST_CPPFLAGS := -Iinclude
$(BUILD)/verify_only: $(BUILD)/obj/examples/verify_only.o $(BUILD)/libistauth-sqlite.a $(LIB_A)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ -lmicrohttpd $(call own_libs,sqlite) $(IST_LIBS) -o $@

# Tests of auth logic, which link the rules and nothing else: that they link at all is a test, too.
RULES_ONLY := $(BUILD)/rules_only
$(BUILD)/obj/examples/rules_only.o: IST_CPPFLAGS := -Iinclude
$(RULES_ONLY): $(BUILD)/obj/examples/rules_only.o $(RULES_OBJ)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ $(IST_LIBS) -o $@

# The smallest host: the program of the README.
HELLO := $(BUILD)/hello
$(BUILD)/obj/examples/hello.o: IST_CPPFLAGS := -Iinclude
$(HELLO): $(BUILD)/obj/examples/hello.o $(LIB_A)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ -lmicrohttpd $(IST_LIBS) -o $@

# A command-line tool over any store.
TOKEN_ADMIN := $(BUILD)/token_admin
TOKEN_ADMIN_OBJ := $(call objects,examples/token_admin)
$(TOKEN_ADMIN_OBJ): IST_CPPFLAGS := -Iinclude $(if $(filter sqlite,$(STORES)),-DTOKEN_ADMIN_SQLITE) \
  $(if $(filter postgres,$(STORES)),-DTOKEN_ADMIN_POSTGRES)
$(BUILD)/obj/examples/token_admin/store.o: $(BUILD)/own

$(TOKEN_ADMIN): $(TOKEN_ADMIN_OBJ) $(STORE_A) $(LIB_A)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ $(STORE_LIBS) $(IST_LIBS) -o $@

example: $(EXAMPLE) $(NOTES) $(VERIFY_ONLY) $(RULES_ONLY) $(HELLO) $(TOKEN_ADMIN) ## build the example servers, and token_admin
	@:$(if $(NOTES),,; echo "notes is left out: pkg-config finds no libcurl")$(if $(VERIFY_ONLY),,; echo "verify_only is left out: pkg-config finds no sqlite3")

demo: ## run the example server on http://127.0.0.1:8080 (installs what is missing; ARGS="--help")
	@tests/deps example
	@$(MAKE) --no-print-directory -s -j2 example
	@examples/demo $(EXAMPLE) $(ARGS)

tour: ## walk the whole road with curl, against a running demo (at URL)
	@tests/deps tour
	@examples/tour $(URL)

# --- one application on many HTTP servers: those whose library is here (civetweb has no .pc) ---

HOSTS_LIBS = $(if $(filter sqlite,$(STORES)),$(BUILD)/libistauth-sqlite.a) $(LIB_A)
HOSTS_SITE := $(patsubst %,$(BUILD)/obj/examples/%.o,hosts/site hosts/signin hosts/people hosts/mcp hosts/notes hosts/options \
  isteam/form isteam/listen isteam/mcp_json)
HOSTS := microhttpd civetweb evhttp fastcgi cgi
host_microhttpd := $(shell $(PKG_CONFIG) --libs libmicrohttpd 2>/dev/null)
host_civetweb := $(if $(wildcard /usr/include/civetweb.h /usr/local/include/civetweb.h),-lcivetweb)
host_evhttp := $(shell $(PKG_CONFIG) --libs libevent libevent_pthreads 2>/dev/null)
host_fastcgi := $(shell $(PKG_CONFIG) --libs fcgi 2>/dev/null)
host_cgi := $(if $(filter sqlite,$(STORES)),-pthread)
HOSTS_HERE := $(foreach h,$(HOSTS),$(if $(host_$(h)),$(BUILD)/hosts/$(h)))
$(call objects,examples/hosts): IST_CPPFLAGS := -Iinclude -Iexamples $(if $(filter sqlite,$(STORES)),-DSITE_SQLITE)
$(BUILD)/obj/examples/hosts/site.o: $(BUILD)/own

$(BUILD)/hosts/evhttp: $(BUILD)/obj/examples/hosts/workers.o
$(BUILD)/hosts/fastcgi $(BUILD)/hosts/cgi: $(BUILD)/obj/examples/hosts/gateway.o

$(BUILD)/hosts/%: $(BUILD)/obj/examples/hosts/%.o $(HOSTS_SITE) $(HOSTS_LIBS)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD $@";)$(LINK) $^ $(host_$*) $(call own_libs,$(filter sqlite,$(STORES))) $(IST_LIBS) -o $@

hosts: $(HOSTS_HERE) ## build the same small site on each HTTP server whose library is here
	@:$(foreach h,$(HOSTS),$(if $(host_$(h)),,; echo "hosts/$(h) is left out: its library is not here"))

.PHONY: hosts
