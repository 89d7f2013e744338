# What installs the libraries: a part of the Makefile.

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
