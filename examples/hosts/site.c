#include "site_i.h"

#include "isteam/text.h"

#include <istauth/consent_page.h>
#ifdef SITE_SQLITE
#include <istauth/sqlite_store.h>
#endif
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CONSENT_PATH "/consent"
#define PURGE_MAX 10000

static bool fail(const char *what, const char *why)
{
    fprintf(stderr, "%s%s%s\n", what, *why ? ": " : "", why);
    return false;
}

/* --- what it stands on --- */

#ifdef SITE_SQLITE
static bool open_file(site *s, const char *file)
{
    char beside[4096];
    istauth_error error = { .detail = "" };

    if ((size_t)snprintf(beside, sizeof(beside), "%s.notes", file) >= sizeof(beside))
        return fail("--store", "the name is too long");
    if (istauth_sqlite_store_open(&s->store, file, NULL, &error))
        return fail("--store", error.detail);
    s->notes = notes_open(beside);
    return s->notes ? true : fail("--store", "cannot write beside it");
}

static void close_store(site *s)
{
    if (s->in_memory)
        istauth_memory_store_free(&s->store);
    else
        istauth_sqlite_store_close(&s->store);
}
#else
static bool open_file(site *s, const char *file)
{
    (void)s;
    (void)file;
    return fail("--store", "this program was built without SQLite");
}

static void close_store(site *s)
{
    istauth_memory_store_free(&s->store);
}
#endif

static bool open_store(site *s, const char *place)
{
    s->in_memory = strcmp(place, "memory:") == 0;
    if (!s->in_memory) /* named as isteam and token_admin name it, or as a file */
        return open_file(s, strncmp(place, "sqlite:", 7) == 0 ? place + 7 : place);
    s->notes = notes_open(NULL);
    return s->notes && !istauth_memory_store_new(&s->store, NULL, NULL)
               ? true
               : fail("not enough memory", "");
}

/* Two keys of one: what is sealed with the one is worth nothing to the other. */
static bool open_keys(site *s, const char *file)
{
    uint8_t master[crypto_kdf_KEYBYTES];
    int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    bool ready = fd >= 0 && read(fd, master, sizeof(master)) == (ssize_t)sizeof(master);

    if (fd >= 0)
        close(fd);
    if (file && !ready)
        return fail(file, "cannot read 32 bytes; make it with: head -c 32 /dev/urandom");
    if (!file)
        crypto_kdf_keygen(master);
    crypto_kdf_derive_from_key(s->session_key, sizeof(s->session_key), 1, "istauth_", master);
    crypto_kdf_derive_from_key(s->ticket_key, sizeof(s->ticket_key), 2, "istauth_", master);
    sodium_memzero(master, sizeof(master));
    return true;
}

/* The audit log: ids and addresses, which hold neither a secret nor a line break. */
static void on_event(void *ctx, const istauth_event *event)
{
    (void)ctx;
    fprintf(stderr, "event %s status=%s subject=%.*s grant=%.*s address=%.*s\n",
            istauth_event_name(event->kind), istauth_status_name(event->status),
            (int)event->subject.n, event->subject.p ? event->subject.p : "",
            (int)event->grant_id.n, event->grant_id.p ? event->grant_id.p : "",
            (int)event->address.n, event->address.p ? event->address.p : "");
}

/* Issuer and resource come from the command line. No request has a say in them, whatever its Host
 * header. */
static bool open_server(site *s, const site_options *o)
{
    istauth_config config = ISTAUTH_CONFIG_INIT;
    istauth_resource mcp = { { NULL, 0 }, ISTAUTH_STR("Notes") };
    istauth_error error = { .detail = "" };

    snprintf(s->issuer, sizeof(s->issuer), "%s%s", o->issuer ? "" : "http://",
             o->issuer ? o->issuer : o->listen);
    snprintf(s->resource, sizeof(s->resource), "%s/mcp", s->issuer);
    mcp.identifier = istauth_str_of(s->resource);
    config.issuer = istauth_str_of(s->issuer);
    config.resources = &mcp;
    config.resource_count = 1;
    config.store = s->store;
    config.ticket_key = s->ticket_key;
    config.hooks.workspaces = person_workspaces;
    config.hooks.event = on_event;
    if (istauth_server_new(&s->server, &config, &error)) {
        fail(s->issuer, error.detail);
        return o->issuer ? false : fail("name the public URL with --issuer", "");
    }
    s->mcp_path = istauth_identifier_path(mcp.identifier);
    s->proxy = istauth_str_of(o->proxy);
    s->https = strncmp(s->issuer, "https:", 6) == 0;
    return true;
}

site *site_open(const site_options *options)
{
    site *s = calloc(1, sizeof(*s));

    if (!s || sodium_init() < 0) {
        fail("not enough memory", "");
        free(s);
        return NULL;
    }
    if (open_store(s, options->store) && open_keys(s, options->key) && open_server(s, options))
        return s;
    site_close(s);
    return NULL;
}

void site_close(site *s)
{
    if (!s)
        return;
    istauth_server_free(s->server);
    close_store(s);
    notes_close(s->notes);
    sodium_memzero(s, sizeof(*s));
    free(s);
}

void site_arena(const site *s, istauth_arena *arena, void *buffer, size_t size)
{
    istauth_server_arena(s->server, arena, buffer, size);
}

void site_tidy(site *s)
{
    istauth_status st = istauth_purge(NULL, s->server, PURGE_MAX);

    if (st)
        fail("cannot tidy up", istauth_status_name(st));
}

/* --- a request --- */

void site_add_header(istauth_response *response, const char *name, istauth_str value)
{
    if (response->header_count == ISTAUTH_RESPONSE_HEADERS)
        return;
    response->headers[response->header_count].name = istauth_str_of(name);
    response->headers[response->header_count].value = value;
    response->header_count++;
}

void site_read_target(istauth_request *request, istauth_str target)
{
    size_t question;

    if (text_starts(target, "http://") || text_starts(target, "https://"))
        target =
            text_slice(target, text_find(target, '/', text_find(target, ':', 0) + 3), target.n);
    question = text_find(target, '?', 0);
    request->path = text_slice(target, 0, question);
    if (question < target.n)
        request->query = text_slice(target, question + 1, target.n);
}

static istauth_visitor visitor_of(const person *who, const session *held)
{
    istauth_visitor visitor = ISTAUTH_VISITOR_INIT;

    visitor.action = ISTAUTH_STR(CONSENT_PATH);
    if (!who)
        return visitor;
    visitor.subject = who->subject;
    visitor.name = who->email;
    visitor.binding.p = (const char *)held->browser;
    visitor.binding.n = sizeof(held->browser);
    visitor.auth_time = held->since;
    return visitor;
}

/* A valid authorization request: who is there, and does she want this? */
static void ask(istauth_response *response, const site *s, const istauth_request *request,
                const istauth_authorization *authorization, istauth_arena *arena)
{
    session held;
    istauth_visitor visitor = visitor_of(session_read(&held, s, request), &held);

    if (istauth_consent_page(response, s->server, authorization, &visitor, arena))
        signin_page(response, authorization, arena); /* ISTAUTH_E_LOGIN_REQUIRED */
}

static void take_answer(istauth_response *response, const site *s, const istauth_request *request,
                        istauth_arena *arena)
{
    session held;
    istauth_visitor visitor = visitor_of(session_read(&held, s, request), &held);

    istauth_consent_answer(response, s->server, request, &visitor, arena);
}

/* No page for what is not here: clients look for well-known documents that this server does not
 * have. */
void site_refuse(istauth_response *response, const site *s, istauth_status why,
                 istauth_arena *arena)
{
    istauth_denial(response, s->server, istauth_str_of(s->resource), why, ISTAUTH_STR(""), arena);
}

static bool is_mcp(const site *s, istauth_str path)
{
    if (path.n == s->mcp_path.n + 1 && path.p[path.n - 1] == '/')
        path.n--; /* clients strip and add that slash as they like */
    return istauth_str_equal(path, s->mcp_path);
}

static bool is_address(istauth_str text)
{
    char copy[INET6_ADDRSTRLEN];
    uint8_t bytes[16];

    if (text.n >= sizeof(copy))
        return false;
    snprintf(copy, sizeof(copy), "%.*s", (int)text.n, text.n ? text.p : "");
    return inet_pton(AF_INET, copy, bytes) == 1 || inet_pton(AF_INET6, copy, bytes) == 1;
}

/* Who is calling. Every connection comes from the proxy, if there is one: it says from whom it has
 * the request. Of anybody else that header is a stranger's word. */
static istauth_str caller(const site *s, const istauth_request *request)
{
    istauth_str said;

    if (!s->proxy.n || !istauth_str_equal(request->address, s->proxy))
        return request->address;
    said = request->header(request->ctx, "x-real-ip", 0);
    if (request->header(request->ctx, "x-real-ip", 1).p || !is_address(said))
        return request->address;
    return said;
}

void site_answer(istauth_response *response, site *s, const istauth_request *sent,
                 istauth_arena *arena)
{
    istauth_request request = *sent;
    istauth_authorization authorization;
    bool open = false;

    request.address = caller(s, sent);
    memset(response, 0, sizeof(*response));
    if (is_mcp(s, request.path))
        mcp_answer(response, s, &request, arena);
    else if (text_is(request.path, SIGNIN_PATH))
        signin_answer(response, s, &request, arena);
    else if (text_is(request.path, CONSENT_PATH))
        take_answer(response, s, &request, arena);
    else if (istauth_handle(response, &open, &authorization, s->server, &request, arena) ==
             ISTAUTH_ENDPOINT_NONE)
        site_refuse(response, s, ISTAUTH_E_NOT_SERVED, arena);
    if (open)
        ask(response, s, &request, &authorization, arena);
}
