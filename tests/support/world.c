#include "support/world_i.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Guards what several threads of one world touch: its memory, its counters and its log. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void lock(void)
{
    pthread_mutex_lock(&mutex);
}

static void unlock(void)
{
    pthread_mutex_unlock(&mutex);
}

/* --- memory that is counted, that can fail, and can be searched --- */

typedef struct block {
    struct block *next, *prev;
    size_t size;
    world *owner;
    max_align_t bytes[];
} block;

static block all = { &all, &all, 0, NULL };

static bool is_to_fail(world *w)
{
    size_t call = ++w->alloc_calls;

    return w->alloc_fails_at && (call == w->alloc_fails_at ||
                                 (w->alloc_fails_forever && call > w->alloc_fails_at));
}

static void *counted_alloc(void *ctx, size_t size)
{
    world *w = ctx;
    block *b;

    lock();
    b = is_to_fail(w) ? NULL : calloc(1, sizeof(*b) + size);
    if (b) {
        b->size = size;
        b->owner = w;
        b->next = all.next;
        b->prev = &all;
        all.next->prev = b;
        all.next = b;
        w->live_blocks++;
    }
    unlock();
    return b ? b->bytes : NULL;
}

static bool holds(const block *b, const char *text)
{
    size_t n = strlen(text);

    for (size_t i = 0; i + n <= b->size; i++)
        if (memcmp((const char *)b->bytes + i, text, n) == 0)
            return true;
    return false;
}

static void counted_release(void *ctx, void *p)
{
    world *w = ctx;
    block *b;

    if (!p)
        return;
    b = (block *)(void *)((char *)p - offsetof(block, bytes));
    lock();
    w->unwiped += w->watched && holds(b, w->watched);
    b->next->prev = b->prev;
    b->prev->next = b->next;
    w->live_blocks--;
    unlock();
    free(b);
}

static bool dump_holds(const char *dump, const char *text)
{
    char hex[257];
    size_t n = strlen(text);

    for (size_t i = 0; i < n && i < 128; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)text[i]);
    return strstr(dump, text) || strstr(dump, hex);
}

/* What the world's own store keeps elsewhere. */
static char *dump_store(const world *w)
{
    return w->given.ops ? calloc(1, 1) : any_store_dump(&w->own);
}

static bool memory_holds(const world *w, const char *text)
{
    bool found = false;

    lock();
    for (const block *b = all.next; b != &all && !found; b = b->next)
        found = b->owner == w && holds(b, text);
    unlock();
    return found;
}

bool world_memory_holds(const world *w, const char *text)
{
    char *dump = dump_store(w);
    bool found = memory_holds(w, text) || dump_holds(dump, text);

    free(dump);
    return found;
}

/* --- hooks --- */

static istauth_status fixed_clock(void *ctx, istauth_time *now)
{
    world *w = ctx;

    *now = w->now;
    return w->clock_status;
}

/* splitmix64: deterministic, and different at every call. */
static istauth_status fixed_random(void *ctx, void *bytes, size_t count)
{
    world *w = ctx;

    lock();
    for (size_t i = 0; i < count; i++) {
        uint64_t z = w->seed += UINT64_C(0x9E3779B97F4A7C15);

        z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
        ((uint8_t *)bytes)[i] = (uint8_t)(z >> 24);
    }
    unlock();
    return w->random_status;
}

static istauth_status subject_hook(void *ctx, istauth_str subject)
{
    world *w = ctx;

    (void)subject;
    lock();
    w->subject_asked++;
    unlock();
    return w->subject_status;
}

static istauth_status workspaces_hook(void *ctx, istauth_workspace_offer *offer,
                                      istauth_str subject, istauth_arena *arena)
{
    world *w = ctx;
    istauth_workspace mine[] = {
        { ISTAUTH_STR("ws_engine"), ISTAUTH_STR("Analytical Engine"), ISTAUTH_STR("Pro"),
          ISTAUTH_STR(""), true },
        { ISTAUTH_STR("ws_notes"), ISTAUTH_STR("Notes"), ISTAUTH_STR("Max"), ISTAUTH_STR(""),
          !w->notes_is_free },
        { ISTAUTH_STR("ws_home"), ISTAUTH_STR("Home"), ISTAUTH_STR("Free"),
          ISTAUTH_STR("Upgrade to Pro or Max"), false },
    };
    istauth_workspace hers[] = { { ISTAUTH_STR("ws_navy"), ISTAUTH_STR("Navy"), ISTAUTH_STR("Max"),
                                   ISTAUTH_STR(""), true } };
    bool ada = istauth_str_equal(subject, ADA);
    size_t skip = ada && w->lost_engine ? 1 : 0, count = ada ? 3 - skip : 1;
    istauth_workspace *items;

    lock();
    w->workspaces_asked++;
    unlock();
    if (w->workspaces_status)
        return w->workspaces_status;
    items = istauth_arena_alloc(arena, count * sizeof(*items));
    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    memcpy(items, ada ? mine + skip : hers, count * sizeof(*items));
    offer->items = items;
    offer->count = count;
    return ISTAUTH_OK;
}

static istauth_status claims_hook(void *ctx, istauth_claims *claims, istauth_str subject,
                                  istauth_arena *arena)
{
    (void)ctx;
    (void)arena;
    if (!istauth_str_equal(subject, ADA))
        return ISTAUTH_E_NOT_FOUND;
    claims->name = ISTAUTH_STR("Ada Lovelace");
    claims->picture = ISTAUTH_STR("https://as.example/ada.png");
    claims->email = ISTAUTH_STR("ada@example.com");
    claims->email_verified = true;
    return ISTAUTH_OK;
}

static unsigned admit_hook(void *ctx, istauth_endpoint endpoint, istauth_str address)
{
    (void)endpoint;
    (void)address;
    return ((world *)ctx)->retry_after;
}

static void append(char **to, size_t *n, const char *text, size_t text_n)
{
    *to = realloc(*to, *n + text_n + 1);
    assert_non_null(*to);
    memcpy(*to + *n, text, text_n);
    *n += text_n;
    (*to)[*n] = '\0';
}

static void event_hook(void *ctx, const istauth_event *e)
{
    world *w = ctx;
    istauth_str texts[] = { e->subject, e->client_id, e->grant_id, e->scopes, e->address };

    assert_int_equal(e->size, sizeof(*e));
    assert_int_equal(e->time, w->now);
    lock();
    assert_true(w->event_count < WORLD_EVENTS);
    w->events[w->event_count++] = e->kind;
    append(&w->log, &w->log_n, istauth_event_name(e->kind), strlen(istauth_event_name(e->kind)));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        append(&w->log, &w->log_n, " ", 1);
        if (texts[i].n)
            append(&w->log, &w->log_n, texts[i].p, texts[i].n);
    }
    append(&w->log, &w->log_n, "\n", 1);
    unlock();
}

size_t world_events(const world *w, istauth_event_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < w->event_count; i++)
        count += w->events[i] == kind;
    return count;
}

/* --- opening and closing --- */

world *world_new(void)
{
    world *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->now = WORLD_START;
    w->seed = 42;
    w->resources[0].identifier = ISTAUTH_STR(WORLD_RESOURCE);
    w->resources[0].name = ISTAUTH_STR("The board");
    w->resources[1].identifier = ISTAUTH_STR("https://as.example/other");
    w->config = istauth_config_default();
    w->config.issuer = ISTAUTH_STR(WORLD_ISSUER);
    w->config.resources = w->resources;
    w->config.resource_count = 1;
    w->config.hooks.ctx = w;
    w->config.hooks.clock = fixed_clock;
    w->config.hooks.random = fixed_random;
    w->config.hooks.subject = subject_hook;
    w->config.hooks.workspaces = workspaces_hook;
    w->config.hooks.claims = claims_hook;
    w->config.hooks.admit = admit_hook;
    w->config.hooks.event = event_hook;
    istauth_arena_init(&w->arena, NULL, 0, NULL, 64u * 1024 * 1024);
    return w;
}

static void start_server(world *w)
{
    istauth_allocator allocator = { counted_alloc, counted_release, w };
    istauth_error error;

    w->config.store = w->storeless ? (istauth_store){ NULL, NULL } : w->store;
    w->config.allocator = &allocator;
    if (istauth_server_new(&w->server, &w->config, &error))
        fail_msg("istauth_server_new: %s: %s", istauth_status_name(error.status), error.detail);
    w->config.allocator = NULL;
}

void world_open(world *w)
{
    istauth_allocator allocator = { counted_alloc, counted_release, w };

    if (!w->given.ops)
        any_store_open(&w->own, &allocator);
    w->store = w->given.ops ? w->given : w->own.store;
    start_server(w);
}

void world_reopen(world *w)
{
    istauth_server_free(w->server);
    start_server(w);
}

/* INV-2: no credential that was handed out is in the audit log or in the memory of the server and
 * its store. */
static void check_secrets(const world *w)
{
    char *line = w->secrets, *dump = dump_store(w);

    while (line && *line) {
        char *end = strchr(line, '\n');

        *end = '\0';
        if (w->log)
            assert_null(strstr(w->log, line));
        assert_false(memory_holds(w, line));
        assert_false(dump_holds(dump, line));
        line = end + 1;
    }
    free(dump);
}

void world_free(world *w)
{
    check_secrets(w);
    istauth_server_free(w->server);
    if (!w->given.ops)
        any_store_close(&w->own);
    assert_int_equal(w->live_blocks, 0); /* INV-3 */
    istauth_arena_wipe(&w->arena);
    for (size_t i = 0; i < w->json_count; i++)
        cJSON_Delete(w->jsons[i]);
    free(w->jsons);
    free(w->log);
    free(w->secrets);
    free(w);
}

int world_setup(void **state)
{
    world *w = world_new();

    world_open(w);
    *state = w;
    return 0;
}

int world_teardown(void **state)
{
    world_free(*state);
    return 0;
}

/* --- texts --- */

char *world_text(world *w, const char *format, ...)
{
    va_list args, again;
    int n;
    char *p;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    p = istauth_arena_alloc(&w->arena, (size_t)n + 1);
    assert_non_null(p);
    vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return p;
}

char *world_encode(world *w, const char *text)
{
    char *p = istauth_arena_alloc(&w->arena, strlen(text) * 3 + 1);
    size_t n = 0;

    assert_non_null(p);
    for (; *text; text++)
        n += (size_t)sprintf(p + n, "%%%02X", (unsigned char)*text);
    p[n] = '\0';
    return p;
}

static int nibble(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

char *url_param(world *w, const char *url, const char *name)
{
    const char *at = strchr(url, '?');
    size_t n = strlen(name);

    for (; at; at = strchr(at + 1, '&')) {
        char *value, *to;

        if (strncmp(at + 1, name, n) != 0 || at[1 + n] != '=')
            continue;
        value = to = world_text(w, "%s", at + 2 + n);
        for (const char *from = value; *from && *from != '&';) {
            if (*from == '%') {
                *to++ = (char)(nibble(from[1]) * 16 + nibble(from[2]));
                from += 3;
            } else {
                *to++ = *from == '+' ? ' ' : *from;
                from++;
            }
        }
        *to = '\0';
        return value;
    }
    return NULL;
}

void world__keep_secret(world *w, const char *text)
{
    append(&w->secrets, &w->secrets_n, text, strlen(text));
    append(&w->secrets, &w->secrets_n, "\n", 1);
}

void world__keep_json(world *w, cJSON *json)
{
    w->jsons = realloc(w->jsons, (w->json_count + 1) * sizeof(cJSON *));
    assert_non_null(w->jsons);
    w->jsons[w->json_count++] = json;
}
