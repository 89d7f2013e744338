#include "check/assert_i.h"
#include "check/ops_i.h"
#include "check/world_i.h"

#include <stdlib.h>

store_world *store_world_new(const istauth_store_fixture *fixture,
                             const istauth_store_check_options *options)
{
    store_world *w = malloc(sizeof(*w));

    if (!w)
        return NULL;
    w->fixture = fixture;
    w->options = options;
    w->is_open = false;
    istauth_arena_init(&w->arena, w->buffer, sizeof(w->buffer), NULL, (size_t)64 << 20);
    return w;
}

void store_world_close(store_world *w)
{
    istauth_arena_wipe(&w->arena);
    if (w->is_open)
        w->fixture->close(w->fixture->env, &w->store);
    w->is_open = false;
}

void store_world_free(store_world *w)
{
    store_world_close(w);
    free(w);
}

/* As the server asks of a store that it is given. */
static void assert_complete(const istauth_store_ops *ops)
{
    assert_non_null(ops);
    assert_true(ops->size == sizeof(*ops));
#define OP(op, NAME) assert_non_null(ops->op);
    STORE_OPS(OP)
#undef OP
}

void store_world_open(store_world *w)
{
    assert_status(w->fixture->open(w->fixture->env, &w->store), ISTAUTH_OK);
    w->is_open = true;
    assert_complete(w->store.ops);
}

void store_world_reopen(store_world *w)
{
    istauth_status st = w->fixture->reopen(w->fixture->env, &w->store);

    if (st)
        w->store.ctx = NULL; /* what there is to close now is the data */
    assert_status(st, ISTAUTH_OK);
    assert_complete(w->store.ops);
}

static istauth_key key_of(unsigned kind, unsigned n)
{
    istauth_key key;

    /* Zero bytes have a case of their own. */
    memset(&key, 0x80, sizeof(key));
    key.bytes[20] = (uint8_t)kind;
    for (int i = 0; i < 8; i++)
        key.bytes[ISTAUTH_KEY_SIZE - 1 - i] = (uint8_t)(1 + (n >> 4 * i & 15));
    return key;
}

istauth_key code_key(unsigned n)
{
    return key_of(1, n);
}

istauth_key access_key(unsigned n)
{
    return key_of(2, n);
}

istauth_key refresh_key(unsigned n)
{
    return key_of(3, n);
}

istauth_key personal_key(unsigned n)
{
    return key_of(4, n);
}

istauth_id id_of(unsigned n)
{
    istauth_id id;

    snprintf(id.text, sizeof(id.text), "%032x", n);
    return id;
}

static const istauth_str uris[] = { ISTAUTH_STR_INIT("http://127.0.0.1/callback"),
                                    ISTAUTH_STR_INIT("https://client.example/callback") };
static const istauth_str workspaces[] = { ISTAUTH_STR_INIT("ws_a"), ISTAUTH_STR_INIT("ws_b") };

istauth_client client_of(const char *client_id)
{
    istauth_client c = {
        .client_id = istauth_str_of(client_id),
        .origin = ISTAUTH_CLIENT_REGISTERED,
        .name = ISTAUTH_STR("Notebook"),
        .client_uri = ISTAUTH_STR("https://client.example/"),
        .logo_uri = ISTAUTH_STR("https://client.example/logo"),
        .policy_uri = ISTAUTH_STR("https://client.example/policy"),
        .tos_uri = ISTAUTH_STR("https://client.example/terms"),
        .software_id = ISTAUTH_STR("notebook"),
        .software_version = ISTAUTH_STR("7"),
        .redirect_uris = { uris, 2 },
        .scopes = ISTAUTH_STR("mcp profile"),
        .grant_types = ISTAUTH_GRANT_AUTHORIZATION_CODE | ISTAUTH_GRANT_REFRESH_TOKEN,
        .native = true,
        .registered_at = T0,
        .auth = ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT,
        .secret_key = { { 0, 9, 0, 7 } },
        .secret_expires_at = T0 + 1,
        .management_key = { { 8, 0, 6 } },
        .jwks = ISTAUTH_STR("{\"keys\":[]}"),
        .jwks_uri = ISTAUTH_STR("https://client.example/keys"),
        .resource = ISTAUTH_STR("https://is.example/mcp"),
        .workspaces = { workspaces, 2 },
        .expires_at = T0 + 2,
    };

    return c;
}

istauth_code code_of(unsigned n)
{
    istauth_code c = {
        .key = code_key(n),
        .redirect_uri = ISTAUTH_STR("http://127.0.0.1:4321/callback"),
        .challenge = ISTAUTH_STR("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        .nonce = ISTAUTH_STR("n-0S6_WzA2Mj"),
        .created_at = T0,
        .expires_at = T0 + CODE_TTL,
    };

    return c;
}

istauth_grant grant_of(unsigned n, const char *subject, const char *client_id)
{
    istauth_grant g = {
        .id = id_of(n),
        .subject = istauth_str_of(subject),
        .client_id = istauth_str_of(client_id),
        .scopes = ISTAUTH_STR("mcp profile"),
        .workspaces = { workspaces, 2 },
        .resource = ISTAUTH_STR("https://is.example/mcp"),
        .auth_time = T0 - 3,
        .created_at = T0,
        .pending = true,
    };

    return g;
}

pair pair_of(unsigned n)
{
    pair p = { {
        { .key = access_key(n),
          .kind = ISTAUTH_TOKEN_ACCESS,
          .issued_at = T0,
          .expires_at = T0 + ACCESS_TTL },
        { .key = refresh_key(n),
          .kind = ISTAUTH_TOKEN_REFRESH,
          .issued_at = T0,
          .expires_at = T0 + REFRESH_TTL },
    } };

    return p;
}

istauth_token_list pair_list(const pair *p)
{
    istauth_token_list list = { p->items, 2 };

    return list;
}

istauth_token personal_of(unsigned n)
{
    istauth_token t = { .key = personal_key(n),
                        .kind = ISTAUTH_TOKEN_PERSONAL,
                        .grant_id = id_of(n),
                        .issued_at = T0,
                        .expires_at = 0 };

    return t;
}

istauth_grant personal_grant_of(unsigned n, const char *subject)
{
    istauth_grant g = grant_of(n, subject, "");

    g.name = ISTAUTH_STR("laptop");
    g.issued_at = T0;
    g.pending = false;
    return g;
}

istauth_token machine_of(unsigned n)
{
    istauth_token t = { .key = access_key(n),
                        .kind = ISTAUTH_TOKEN_ACCESS,
                        .grant_id = id_of(n),
                        .issued_at = T0,
                        .expires_at = T0 + ACCESS_TTL };

    return t;
}

istauth_grant machine_grant_of(unsigned n, const char *client_id)
{
    istauth_grant g = grant_of(n, "", client_id);

    g.auth_time = 0;
    g.issued_at = T0;
    g.pending = false;
    return g;
}

void have_machine(store_world *w, unsigned n, const char *client_id)
{
    istauth_token t = machine_of(n);
    istauth_grant g = machine_grant_of(n, client_id);

    assert_status(CALL(w, machine_put, &t, &g), ISTAUTH_OK);
}

void have_client(store_world *w, const char *client_id)
{
    istauth_client c = client_of(client_id);

    assert_status(CALL(w, client_put, &c), ISTAUTH_OK);
}

void have_code(store_world *w, unsigned n, const char *subject, const char *client_id)
{
    istauth_code c = code_of(n);
    istauth_grant g = grant_of(n, subject, client_id);

    assert_status(CALL(w, code_put, &c, &g), ISTAUTH_OK);
}

void have_app(store_world *w, unsigned n, const char *subject, const char *client_id)
{
    have_code(w, n, subject, client_id);
    assert_status(redeem(w, n, n), ISTAUTH_OK);
}

void have_personal(store_world *w, unsigned n, const char *subject)
{
    istauth_token t = personal_of(n);
    istauth_grant g = personal_grant_of(n, subject);

    assert_status(CALL(w, personal_put, &t, &g), ISTAUTH_OK);
}

istauth_token_entry token_at(store_world *w, istauth_key key)
{
    istauth_token_entry e;

    assert_status(CALL(w, token_get, &key, &w->arena, &e), ISTAUTH_OK);
    return e;
}

bool is_live(store_world *w, istauth_key key)
{
    istauth_token_entry e = token_at(w, key);

    return !e.token.spent && !e.token.revoked && !e.grant.pending && !e.grant.revoked;
}

bool exists(store_world *w, istauth_key key)
{
    istauth_token_entry e;
    istauth_status st = CALL(w, token_get, &key, &w->arena, &e);

    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NOT_FOUND);
    return !st;
}

bool lives(store_world *w, istauth_key key)
{
    return exists(w, key) && is_live(w, key);
}

istauth_status redeem(store_world *w, unsigned code, unsigned tokens)
{
    istauth_key key = code_key(code);
    pair p = pair_of(tokens);

    return CALL(w, code_redeem, &key, pair_list(&p), T0);
}

istauth_status rotate(store_world *w, unsigned old, unsigned tokens)
{
    istauth_key key = refresh_key(old);
    pair p = pair_of(tokens);

    return CALL(w, refresh_rotate, &key, pair_list(&p), NULL, T0);
}

istauth_status rotate_keeping(store_world *w, unsigned old, unsigned tokens, istauth_str sealed)
{
    const istauth_retry retry = { sealed, T0 + RETRY_TTL };
    istauth_key key = refresh_key(old);
    pair p = pair_of(tokens);

    return CALL(w, refresh_rotate, &key, pair_list(&p), &retry, T0);
}

istauth_purge_bounds bounds_at(istauth_time now)
{
    istauth_purge_bounds b = { now, INT64_MIN, INT64_MIN, 1000000 };

    return b;
}

size_t purge_all(store_world *w, istauth_purge_bounds bounds)
{
    size_t all = 0, removed;

    do {
        removed = SIZE_MAX;
        assert_status(CALL(w, purge, &bounds, &removed), ISTAUTH_OK);
        assert_true(removed <= bounds.limit);
        all += removed;
    } while (removed);
    return all;
}
