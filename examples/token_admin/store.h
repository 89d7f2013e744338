/* Where the store is: "sqlite:FILE", "postgresql://..." or "memory:". */
#ifndef TOKEN_ADMIN_STORE_H
#define TOKEN_ADMIN_STORE_H

#include <istauth.h>

/* The places that this program was built for, in words. */
extern const char store_places[];

bool store_is_known(const char *place);
/* False: why not has been said. A file that is not there is not made: a slip in its name must not
 * look like a store without clients. */
bool store_open(istauth_store *store, const char *place);
void store_close(istauth_store *store, const char *place);

#endif
