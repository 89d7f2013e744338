# What installs the libraries: a part of the Makefile. `make install-PART` installs one part: core,
# check, or one of BACKENDS.

PARTS := core check $(OWN)
ALL_PARTS := core check sqlite postgres curl
part = libistauth$(if $(filter core,$(1)),,-$(1))
check_HEADERS := store_check.h
sqlite_HEADERS := sqlite_store.h
postgres_HEADERS := postgres_store.h
curl_HEADERS := curl_fetch.h
core_HEADERS := $(filter-out $(foreach p,$(ALL_PARTS),$($(p)_HEADERS)),$(notdir $(wildcard include/istauth/*.h)))

# Where files go. Nothing quotes a space in a .pc file, and a relative folder would be another one for
# whoever reads it: both are refused before anything is written. DESTDIR is quoted and may be anything.
place_ok = $(if $(filter /%,$($(1))),$(if $(word 2,$($(1))),$(error $(1) has a space in it)),$(error $(1) is no absolute path))
places_ok = $(foreach d,PREFIX LIBDIR INCLUDEDIR PKGCONFIGDIR CMAKEDIR,$(call place_ok,$(d)))
to_lib = "$(DESTDIR)$(LIBDIR)"
to_include = "$(DESTDIR)$(INCLUDEDIR)/istauth"
to_pc = "$(DESTDIR)$(PKGCONFIGDIR)"
to_cmake = "$(DESTDIR)$(CMAKEDIR)"

# Written where they go and not in $(BUILD), because they depend on PREFIX, which may be another one
# (and the user root) when installing. What is below PREFIX moves with it.
moves = $(patsubst $(PREFIX)/%,$(1)/%,$(2))
fill = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(call moves,$${exec_prefix},$(LIBDIR))|' \
  -e 's|@INCLUDEDIR@|$(call moves,$${prefix},$(INCLUDEDIR))|' -e 's|@VERSION@|$(VERSION)|' -e 's|@ATOMIC@|$(ATOMIC:%= %)|'
fill_cmake = sed -e 's|@CMAKEDIR@|$(patsubst $(PREFIX)/%,%,$(CMAKEDIR))|' -e 's|@LIBDIR@|$(call moves,$${_istauth_prefix},$(LIBDIR))|' \
  -e 's|@INCLUDEDIR@|$(call moves,$${_istauth_prefix},$(INCLUDEDIR))|' -e 's|@VERSION@|$(VERSION)|' -e 's|@ATOMIC@|$(ATOMIC:%= %)|'

install: $(PARTS:%=install-%) ## install libraries, headers, pkg-config and CMake files (PREFIX, DESTDIR)
	@# Else the first program that is linked finds no library: what libtool does as well.
	$(if $(DESTDIR),,$(if $(filter /usr/% /lib/%,$(LIBDIR)),@[ "$$(id -u)" -ne 0 ] || PATH="$$PATH:/sbin:/usr/sbin" ldconfig || :))

# Files of one part; the second argument is what it has beside an archive, headers and a .pc file.
define install_part
	$(places_ok)@echo "  INSTALL $(call part,$(1))"; set -e; umask 022; \
	install -d $(to_lib) $(to_include) $(to_pc); \
	install -m 644 $(addprefix include/istauth/,$($(1)_HEADERS)) $(to_include); \
	install -m 644 $(BUILD)/$(call part,$(1)).a $(to_lib); \
	$(2) \
	$(fill) pkgconfig/$(call part,$(1)).pc.in >$(to_pc)/$(call part,$(1)).pc
endef

shared = install -m 755 $(BUILD)/$(1).so.$(VERSION) $(to_lib); ln -sf $(1).so.$(VERSION) $(to_lib)/$(1).so.$(SOVERSION); \
  ln -sf $(1).so.$(SOVERSION) $(to_lib)/$(1).so;

install-core: $(LIB_A) $(LIB_SO)
	$(call install_part,core,$(call shared,libistauth) install -d $(to_cmake); \
	install -m 644 include/istauth.h "$(DESTDIR)$(INCLUDEDIR)"; \
	for f in istauth-config istauth-config-version; do $(fill_cmake) pkgconfig/$$f.cmake.in >$(to_cmake)/$$f.cmake; done;)

install-check: $(CHECK_A)
	$(call install_part,check)

$(OWN:%=install-%): install-%: $(BUILD)/libistauth-%.a $(BUILD)/libistauth-%.so.$(VERSION)
	$(call install_part,$*,$(call shared,libistauth-$*))

# By name, so that nobody else's file goes; then the folders that are empty now, up to PREFIX. Those of
# the system stay, but for the library's own.
system = $(if $(DESTDIR),,$(filter /usr /usr/local,$(PREFIX)))
uninstall: $(ALL_PARTS:%=uninstall-%) ## remove what install put there
	$(places_ok)@for d in $(to_include) $(to_cmake) $(if $(system),,$(to_pc) $(to_lib)); do \
	  while rmdir "$$d" 2>/dev/null && [ "$$d" != "$(or $(DESTDIR),$(PREFIX))" ] $(if $(system),&& false); do \
	    d=$$(dirname "$$d"); done; done

$(ALL_PARTS:%=uninstall-%): uninstall-%:
	$(places_ok)@echo "  UNINSTALL $(call part,$*)"; \
	for f in $($*_HEADERS); do rm -f $(to_include)/$$f || exit 1; done; \
	for f in a so so.$(SOVERSION) so.$(VERSION); do rm -f $(to_lib)/$(call part,$*).$$f || exit 1; done; \
	rm -f $(to_pc)/$(call part,$*).pc $(if $(filter core,$*),"$(DESTDIR)$(INCLUDEDIR)/istauth.h" \
	  $(to_cmake)/istauth-config.cmake $(to_cmake)/istauth-config-version.cmake)

.PHONY: $(ALL_PARTS:%=install-%) $(ALL_PARTS:%=uninstall-%)
