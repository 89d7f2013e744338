# What makes source and Debian packages: a part of the Makefile. The same bytes from the same sources:
# the time in them is that of the last entry of the packages' changelog.

CHANGELOG := pkgconfig/debian/changelog
EPOCH = $(shell date -u +%s -d "$$(sed -n '/^ -- /{s/.*>  //p;q}' $(CHANGELOG))")
SOURCES := Makefile README.md LICENSE CHANGES.md include lib examples tests docs pkgconfig
TARBALL := $(BUILD)/libistauth-$(VERSION).tar.gz
DEB := $(BUILD)/deb

dist: ## pack the sources, in build/
	@mkdir -p $(BUILD)
	@tar --sort=name --mtime=@$(EPOCH) --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX --exclude=node_modules \
	  --transform='s|^|libistauth-$(VERSION)/|' -cf - $(SOURCES) | gzip -9n >$(TARBALL).new
	@mv $(TARBALL).new $(TARBALL)
	@echo "$(TARBALL)"

# As Debian's archive would build it: from the packed sources, and with its debian/ beside them. What
# was given to this make is not that one's.
deb: dist ## build Debian packages, in build/deb (DEB_BUILD_OPTIONS=nocheck leaves the tests out)
	@rm -rf $(DEB)
	@mkdir -p $(DEB)
	@tar -xzf $(TARBALL) -C $(DEB)
	@cp $(TARBALL) $(DEB)/libistauth_$(VERSION).orig.tar.gz
	@cp -r $(DEB)/libistauth-$(VERSION)/pkgconfig/debian $(DEB)/libistauth-$(VERSION)/debian
	@cd $(DEB)/libistauth-$(VERSION) && env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS SOURCE_DATE_EPOCH=$(EPOCH) dpkg-buildpackage -us -uc

# A new public function is a new line there, before the packages build again.
symbols: $(LIB_SO) $(OWN_SO) ## note new functions in pkgconfig/debian/*.symbols
	@for l in libistauth $(OWN:%=libistauth-%); do \
	  dpkg-gensymbols -c0 -v$(VERSION) -p$${l}0 -e$(BUILD)/$$l.so.$(VERSION) -Ipkgconfig/debian/$${l}0.symbols \
	    -Opkgconfig/debian/$${l}0.symbols 2>/dev/null || exit 1; done

.PHONY: dist deb symbols
