/* One server, sixteen threads, every endpoint at once: for the thread sanitizer above all. */
#include "support/openid.h"

#include <pthread.h>
#include <stdio.h>

#define THREADS 16
#define ROUNDS 25

typedef struct worker {
    pthread_t thread;
    world *w;
    char subject[16];
    size_t failures;
} worker;

typedef struct heard {
    int status;
    char body[4096];
} heard;

/* world_call keeps replies in an arena that belongs to one thread: these calls keep nothing. */
static void call(heard *to, const world *w, const char *method, const char *path,
                 const char *query, const char *headers, const char *body)
{
    istauth_str lines = istauth_str_of(headers);
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_authorization authorization;
    istauth_response response;
    istauth_arena arena;
    char room[ISTAUTH_ARENA_BUFFER];
    bool open;

    request.method = istauth_str_of(method);
    request.path = istauth_str_of(path);
    request.query = istauth_str_of(query);
    request.body = istauth_str_of(body);
    request.header = istauth_raw_header;
    request.ctx = &lines;
    istauth_server_arena(w->server, &arena, room, sizeof(room));
    to->status = 0;
    if (istauth_handle(&response, &open, &authorization, w->server, &request, &arena)) {
        to->status = response.status;
        snprintf(to->body, sizeof(to->body), "%.*s", (int)response.body.n,
                 response.body.p ? response.body.p : "");
    }
    istauth_arena_wipe(&arena);
}

/* The text of a member of flat JSON, into `out`. */
static bool member(char *out, size_t size, const char *json, const char *name)
{
    cJSON *object = cJSON_Parse(json);
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    bool ok = cJSON_IsString(value) && strlen(value->valuestring) < size;

    if (ok)
        memcpy(out, value->valuestring, strlen(value->valuestring) + 1);
    cJSON_Delete(object);
    return ok;
}

static bool consent(char *code, size_t size, const worker *me, const char *query)
{
    istauth_str workspace = ISTAUTH_STR("ws_navy"), subject = istauth_str_of(me->subject), location;
    istauth_choice choice = { { NULL, 0 }, { &workspace, 1 } };
    istauth_authorization authorization;
    istauth_consent opened;
    istauth_arena arena;
    bool ok;

    istauth_server_arena(me->w->server, &arena, NULL, 0);
    ok = !istauth_authorize_check(&authorization, me->w->server, istauth_str_of(query), &arena) &&
         !istauth_consent_open(&opened, me->w->server, &authorization, subject, subject, &arena) &&
         !istauth_consent_approve(&location, me->w->server, opened.ticket, subject, subject,
                                  &choice, &arena);
    if (ok)
        snprintf(code, size, "%.*s", 55, strstr(location.p, "code=") + 5);
    istauth_arena_wipe(&arena);
    return ok;
}

static bool verifies(const worker *me, const char *token)
{
    char header[128], room[2048];
    istauth_access access;
    istauth_arena arena;
    istauth_status st;

    snprintf(header, sizeof(header), "Bearer %s", token);
    istauth_server_arena(me->w->server, &arena, room, sizeof(room));
    st = istauth_verify(&access, me->w->server, istauth_str_of(header), istauth_str_of(NULL),
                        &arena);
    istauth_arena_wipe(&arena);
    return !st;
}

static bool walk(const worker *me)
{
    static const char form[] = "Content-Type: application/x-www-form-urlencoded\r\n";
    char client[64], code[64], access[64], refresh[64], text[1024], id_token[1024];
    istauth_str id;
    heard a;

    call(&a, me->w, "GET", "/.well-known/oauth-authorization-server", NULL, NULL, NULL);
    call(&a, me->w, "POST", "/api/oauth/register", NULL, "Content-Type: application/json\r\n",
         "{\"redirect_uris\":[\"https://c.ex/cb\"]}");
    if (!member(client, sizeof(client), a.body, "client_id"))
        return false;
    snprintf(text, sizeof(text),
             "response_type=code&client_id=%s&redirect_uri=https%%3A%%2F%%2Fc.ex%%2Fcb"
             "&code_challenge=" WORLD_CHALLENGE "&code_challenge_method=S256"
             "&scope=mcp+openid&nonce=n", client);
    if (!consent(code, sizeof(code), me, text))
        return false;
    snprintf(text, sizeof(text),
             "grant_type=authorization_code&client_id=%s&code=%s&code_verifier=" WORLD_VERIFIER,
             client, code);
    call(&a, me->w, "POST", "/api/oauth/token", NULL, form, text);
    if (!member(refresh, sizeof(refresh), a.body, "refresh_token"))
        return false;
    snprintf(text, sizeof(text), "grant_type=refresh_token&client_id=%s&refresh_token=%s", client,
             refresh);
    call(&a, me->w, "POST", "/api/oauth/token", NULL, form, text);
    if (!member(access, sizeof(access), a.body, "access_token") || !verifies(me, access) ||
        !member(id_token, sizeof(id_token), a.body, "id_token"))
        return false;
    id = istauth_str_of(client);
    if (istauth_app_disconnect(me->w->server, istauth_str_of(me->subject),
                               (istauth_str_list){ &id, 1 }))
        return false;
    return !verifies(me, access) && !istauth_purge(NULL, me->w->server, 50);
}

static void *work(void *argument)
{
    worker *me = argument;

    for (int i = 0; i < ROUNDS; i++)
        me->failures += !walk(me);
    return NULL;
}

static void test_me_12_all_endpoints_on_sixteen_threads(void **state)
{
    worker workers[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        workers[i].w = *state;
        workers[i].failures = 0;
        snprintf(workers[i].subject, sizeof(workers[i].subject), "user_%zu", i);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].failures, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENID_CASE(test_me_12_all_endpoints_on_sixteen_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
