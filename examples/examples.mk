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
