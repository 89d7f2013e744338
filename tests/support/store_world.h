/* What the cases of the store contract share: a store, an arena, and records by number. */
#ifndef STORE_WORLD_H
#define STORE_WORLD_H

#include "support/store_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

typedef struct store_world {
    const store_factory *factory;
    istauth_store store;
    istauth_arena arena;
    char buffer[1 << 16];
} store_world;

int store_world_open(void **state); /* *state: a store_factory, then a store_world */
int store_world_close(void **state);

#define CALL(w, op, ...) ((w)->store.ops->op((w)->store.ctx, __VA_ARGS__))

#define assert_status(got, want) \
    assert_string_equal(istauth_status_name(got), istauth_status_name(want))

/* Equal, and followed by a NUL. */
#define assert_text(got, want) assert_text_at(got, want, __FILE__, __LINE__)
void assert_text_at(istauth_str got, const char *want, const char *file, int line);

/* Number n as a key; kinds of key never meet. The first bytes of each are zero (ST-15). */
istauth_key code_key(unsigned n);
istauth_key access_key(unsigned n);
istauth_key refresh_key(unsigned n);
istauth_key personal_key(unsigned n);
istauth_id id_of(unsigned n);

#define T0 1000000 /* when everything here begins */
#define CODE_TTL 60
#define ACCESS_TTL 3600
#define REFRESH_TTL 100000

istauth_client client_of(const char *client_id);
istauth_code code_of(unsigned n);
istauth_grant grant_of(unsigned n, const char *subject, const char *client_id);

/* An access and a refresh token, number n. */
typedef struct pair {
    istauth_token items[2];
} pair;
pair pair_of(unsigned n);
istauth_token_list pair_list(const pair *p);

istauth_token personal_of(unsigned n);
istauth_grant personal_grant_of(unsigned n, const char *subject);

/* Put into the store, which must agree. */
void have_client(store_world *w, const char *client_id);
void have_code(store_world *w, unsigned n, const char *subject, const char *client_id);
void have_app(store_world *w, unsigned n, const char *subject, const char *client_id);
void have_personal(store_world *w, unsigned n, const char *subject);

/* Field by field, times and flags included. */
void assert_clients_equal(const istauth_client *got, const istauth_client *want);
void assert_grants_equal(const istauth_grant *got, const istauth_grant *want);

/* What is there, which the store must find. */
istauth_client client_at(store_world *w, const char *client_id);
istauth_code_entry code_at(store_world *w, unsigned n);

/* What the store says of a token: live means it and its grant have no flag. */
istauth_token_entry token_at(store_world *w, istauth_key key);
bool is_live(store_world *w, istauth_key key);
istauth_status redeem(store_world *w, unsigned code, unsigned tokens);
istauth_status rotate(store_world *w, unsigned old, unsigned tokens);

istauth_purge_bounds bounds_at(istauth_time now); /* removes no client */
size_t purge_all(store_world *w, istauth_purge_bounds bounds);

/* All that can be read of what the helpers above can have put, as text in the arena: equal before
 * and after an op that changed nothing. */
const char *snapshot(store_world *w);

#endif
