# What builds and installs the documentation: a part of the Makefile. Doxygen reads the headers, and
# docs/site makes HTML and man pages of its XML and of the Markdown pages.

DOCDIR ?= $(PREFIX)/share/doc/libistauth
MANDIR ?= $(PREFIX)/share/man
# Debian's, which has Debian's packages; another one may come first in the PATH.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
# The date on the man pages: that of the headers, or SOURCE_DATE_EPOCH.
DOCS_DATE = $(shell date -u -d "@$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct -- include 2>/dev/null || stat -c %Y include/istauth/version.h)}" +%F)
DOCS := $(BUILD)/docs/built

$(DOCS): $(wildcard include/*.h include/istauth/*.h docs/*.md docs/*.png docs/site/* README.md CHANGES.md examples/*.c examples/*/*.[ch]) docs/docs.mk
	@command -v doxygen >/dev/null || { echo "Doxygen is missing; tests/deps docs installs what this needs." >&2; exit 1; }
	@mkdir -p $(@D)
	@rm -rf $(BUILD)/docs/xml
	@BUILD=$(BUILD) PYTHON=$(PYTHON) doxygen docs/site/Doxyfile
	@BUILD=$(BUILD) $(PYTHON) -B docs/site/build.py $(DOCS_DATE) && touch $@ || [ -z "$(STRICT)" ]

# STRICT=1 fails when something is undocumented, not listed, or leads nowhere; otherwise that is told.
docs: $(DOCS) ## build the reference and the guides: HTML and man pages, in build/docs
	@echo "$(BUILD)/docs/html/index.html"

install-doc: docs ## install HTML, guides and man pages (DOCDIR, MANDIR)
	install -d $(DESTDIR)$(DOCDIR)/html $(DESTDIR)$(DOCDIR)/docs $(DESTDIR)$(MANDIR)/man3
	cp -r $(BUILD)/docs/html/. $(DESTDIR)$(DOCDIR)/html
	install -m 644 README.md CHANGES.md $(DESTDIR)$(DOCDIR)
	install -m 644 docs/*.md docs/*.png $(DESTDIR)$(DOCDIR)/docs
	cp -P $(BUILD)/docs/man/man3/*.3 $(DESTDIR)$(MANDIR)/man3

uninstall-doc: ## remove what install-doc put there
	rm -rf $(DESTDIR)$(DOCDIR)/html $(DESTDIR)$(DOCDIR)/docs
	rm -f $(DESTDIR)$(DOCDIR)/README.md $(DESTDIR)$(DOCDIR)/CHANGES.md
	@# A folder that others use, too, is not ours to remove.
	@rmdir $(DESTDIR)$(DOCDIR) 2>/dev/null || :
	rm -f $(DESTDIR)$(MANDIR)/man3/istauth.3 $(DESTDIR)$(MANDIR)/man3/istauth_*.3

.PHONY: docs install-doc uninstall-doc
