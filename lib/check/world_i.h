/* What the cases share: a store, an arena, and records by number. */
#ifndef CHECK_WORLD_I_H
#define CHECK_WORLD_I_H

#include <istauth/store_check.h>

typedef struct store_world {
    const istauth_store_fixture *fixture;
    const istauth_store_check_options *options;
    istauth_store store;
    bool is_open;
    istauth_arena arena;
    char buffer[1 << 16];
} store_world;

/* Both are borrowed. NULL: no memory. */
store_world *store_world_new(const istauth_store_fixture *fixture,
                             const istauth_store_check_options *options);
void store_world_free(store_world *w); /* closes its store */

/* Functions from here on fail the case when the store does not agree. */
void store_world_open(store_world *w);
void store_world_reopen(store_world *w);
void store_world_close(store_world *w); /* to open another */

#define CALL(w, op, ...) ((w)->store.ops->op((w)->store.ctx, __VA_ARGS__))

/* Number n as a key; kinds of key never meet. */
istauth_key code_key(unsigned n);
istauth_key access_key(unsigned n);
istauth_key refresh_key(unsigned n);
istauth_key personal_key(unsigned n);
istauth_id id_of(unsigned n);

#define T0 1000000 /* when everything here begins */
#define CODE_TTL 60
#define RETRY_TTL 30
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

/* An access token of a client's own, number n. */
istauth_token machine_of(unsigned n);
istauth_grant machine_grant_of(unsigned n, const char *client_id);

/* Put into the store. */
void have_client(store_world *w, const char *client_id);
void have_code(store_world *w, unsigned n, const char *subject, const char *client_id);
void have_app(store_world *w, unsigned n, const char *subject, const char *client_id);
void have_personal(store_world *w, unsigned n, const char *subject);
void have_machine(store_world *w, unsigned n, const char *client_id);

/* Field by field, times and flags included. */
void assert_clients_equal(const istauth_client *got, const istauth_client *want);
void assert_grants_equal(const istauth_grant *got, const istauth_grant *want);

/* What is there. */
istauth_client client_at(store_world *w, const char *client_id);
istauth_code_entry code_at(store_world *w, unsigned n);

/* What the store says of a token: live means it and its grant have no flag. */
istauth_token_entry token_at(store_world *w, istauth_key key);
bool is_live(store_world *w, istauth_key key);
bool exists(store_world *w, istauth_key key);
bool lives(store_world *w, istauth_key key); /* is there, and is live */
istauth_status redeem(store_world *w, unsigned code, unsigned tokens);
istauth_status rotate(store_world *w, unsigned old, unsigned tokens);
/* The same, and keep this for a retry. */
istauth_status rotate_keeping(store_world *w, unsigned old, unsigned tokens, istauth_str sealed);

istauth_purge_bounds bounds_at(istauth_time now); /* removes no client */
size_t purge_all(store_world *w, istauth_purge_bounds bounds);

/* All that can be read of what the helpers above can have put, as text in the arena: equal before
 * and after an op that changed nothing. */
const char *snapshot(store_world *w);

/* What can be read now is what could be read then. */
#define assert_snapshot(w, before) assert_snapshot_at((w), (before), __FILE__, __LINE__)
void assert_snapshot_at(store_world *w, const char *before, const char *file, int line);

#endif
