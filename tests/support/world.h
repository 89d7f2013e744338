/* A whole server with everything fixed: clock, randomness, people. Endpoint tests speak HTTP to it
 * through istauth_handle; after every call it checks what must hold of every response. */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <istauth.h>

#include "support/any_store.h"

#include <cjson/cJSON.h>

#define WORLD_ISSUER "https://as.example"
#define WORLD_RESOURCE "https://as.example/mcp"
#define WORLD_START 1700000000
#define WORLD_CLIENT_REDIRECT "https://c.ex/cb"

/* RFC 7636 appendix B. */
#define WORLD_VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define WORLD_CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

#define WORLD_EVENTS 65536

typedef struct world {
    istauth_config config; /* change before world_open */
    istauth_resource resources[2];
    istauth_store store;
    any_store own; /* unless another is given */
    istauth_store given; /* the store to use; ops NULL: one of the world's own, see any_store.h */
    bool storeless; /* the server is given no store at all */
    void *other;    /* a test's own */
    istauth_server *server;
    istauth_time now;
    uint64_t seed;

    /* The allocator of the server, its arenas and its memory store. */
    size_t live_blocks;
    size_t alloc_calls;       /* set to 0 when you start to count */
    size_t alloc_fails_at;    /* this call fails, counted from 1; 0: none does */
    bool alloc_fails_forever; /* and every later one */
    bool no_buffer;           /* requests' arenas take everything from the allocator */
    const char *watched;      /* count blocks that hold this text when they are released */
    size_t unwiped;

    /* What the hooks answer. */
    istauth_time auth_time; /* when ada signed in; 0: not told */
    istauth_status clock_status, random_status, subject_status, workspaces_status;
    bool lost_engine;    /* ada is no longer a member of ws_engine */
    bool notes_is_free;  /* ws_notes was downgraded */
    unsigned retry_after; /* admission */
    size_t subject_asked, workspaces_asked;
    size_t assertions; /* that were signed: each has an id of its own */

    istauth_event_kind events[WORLD_EVENTS];
    size_t event_count;
    char *log;    /* every event as text */
    size_t log_n;
    char *secrets; /* every credential that was handed out, one a line */
    size_t secrets_n;

    cJSON **jsons;
    size_t json_count;
    istauth_arena arena; /* for what a test keeps */
} world;

/* cmocka setup and teardown: world in *state, opened with defaults. */
int world_setup(void **state);
int world_teardown(void **state);

/* By hand, for tests that change the config: world_new, change, world_open. */
world *world_new(void);
void world_open(world *w);
/* Ends the server and opens it again on the same store with w->config as it is now. */
void world_reopen(world *w);
void world_free(world *w);

typedef struct reply {
    int status;
    char *headers; /* "name: value\n"..., names lower-case */
    char *body;    /* NUL-terminated; body_n bytes */
    size_t body_n;
    cJSON *json; /* NULL when the body is none */
    istauth_endpoint endpoint;
    bool open;   /* an authorization request that may go to consent */
} reply;

/* Requests. Headers are "Name: value\r\n" lines or NULL. The reply lives until the world ends. */
reply *world_call(world *w, const char *method, const char *path, const char *query,
                  const char *headers, const char *body, size_t body_n);
/* A response as a reply, held against what must hold of every one. */
reply *world_keep(world *w, const istauth_response *r, istauth_endpoint endpoint, bool open);
reply *world_get(world *w, const char *path, const char *query);
reply *world_post_form(world *w, const char *path, const char *body);
reply *world_post_json(world *w, const char *path, const char *body);

/* The value of a header; NULL when it is not there. Fails the test when it is there twice. */
const char *reply_header(const reply *r, const char *name);
/* A text or number member of the JSON body; fails the test when it is not there. */
const char *reply_str(const reply *r, const char *name);
int64_t reply_int(const reply *r, const char *name);
bool reply_has(const reply *r, const char *name);
/* Fails the test unless it is this status and this OAuth error. */
void expect_error(const reply *r, int status, const char *error);
/* An error page: 400, HTML, no Location. */
void expect_page(const reply *r);
/* 303 to `redirect` with this error, iss, and state when it is not NULL. */
void expect_redirect_error(const reply *r, const char *redirect, const char *error,
                           const char *state);

/* printf into the world's memory. */
char *world_text(world *w, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull));
/* Percent-encode everything. */
char *world_encode(world *w, const char *text);
/* The decoded value of a parameter in a URL's query; NULL when absent. */
char *url_param(world *w, const char *url, const char *name);
/* Every allocation of the server and the memory store that is still live, and whatever another store
 * of the world's own keeps outside: does any of it hold this text? */
bool world_memory_holds(const world *w, const char *text);

/* Register a client with one redirect URI; returns its client_id. */
char *world_register(world *w, const char *redirect_uri);
/* An authorization query for it: response_type, client_id, redirect_uri, PKCE, plus `more`. */
char *world_query(world *w, const char *client_id, const char *redirect_uri, const char *more);
/* Check the query, open the consent, approve for ada with these workspaces (NULL: ws_engine and
 * ws_notes) and scopes (NULL: as asked). Returns the location; fails the test on refusal. */
char *world_approve(world *w, const char *query, const char *scopes, const char *workspaces);
/* The same, up to the code. */
char *world_code(world *w, const char *client_id, const char *more);
/* POST /token with the code. */
reply *world_redeem(world *w, const char *client_id, const char *code);
reply *world_refresh(world *w, const char *client_id, const char *refresh_token);
/* Register, approve and redeem with scope; returns the token response, *client_id if not NULL. */
reply *world_connect(world *w, const char *scope, char **client_id);
/* istauth_verify of a token for the first resource. */
istauth_status world_verify(world *w, istauth_access *access, const char *token);
/* How many events of this kind there were. */
size_t world_events(const world *w, istauth_event_kind kind);

#define ADA ISTAUTH_STR("user_ada")
#define GRACE ISTAUTH_STR("user_grace")
#define BROWSER ISTAUTH_STR("browser-1")

#endif
