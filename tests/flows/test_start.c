/* Starting: from many threads, from bad configurations, and beside a host's own OpenSSL. */
#include "support/world.h"

#include <openssl/err.h>
#include <pthread.h>

#define THREADS 8
#define ROUNDS 20

static void *start_and_end(void *argument)
{
    size_t *failures = argument;

    for (int i = 0; i < ROUNDS; i++) {
        istauth_resource resource = { ISTAUTH_STR("https://as.example/mcp"), { NULL, 0 } };
        istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;
        istauth_config config = ISTAUTH_CONFIG_INIT;
        istauth_server *server = NULL;

        limits.clients = limits.grants = limits.codes = limits.tokens = limits.nonces = 16;
        config.issuer = ISTAUTH_STR("https://as.example");
        config.resources = &resource;
        config.resource_count = 1;
        if (istauth_memory_store_new(&config.store, &limits, NULL)) {
            ++*failures;
            continue;
        }
        *failures += istauth_server_new(&server, &config, NULL) != ISTAUTH_OK;
        istauth_server_free(server);
        istauth_memory_store_free(&config.store);
    }
    return NULL;
}

static void test_cr_11_servers_start_from_many_threads_at_once(void **state)
{
    pthread_t threads[THREADS];
    size_t failures[THREADS] = { 0 };

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, start_and_end, &failures[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failures[i], 0);
    }
}

static void test_cr_07_an_error_says_what_is_wrong_and_no_secret(void **state)
{
    static const uint8_t key[ISTAUTH_TICKET_KEY_SIZE] = "TICKET-KEY-THAT-NOBODY-MAY-SEE!";
    world *w = *state;
    istauth_config config = w->config;
    istauth_server *server = NULL;
    istauth_error error;

    config.store = w->store;
    config.ticket_key = key;
    config.issuer = ISTAUTH_STR("https://as.example/?secret=hunter2");
    assert_int_equal(istauth_server_new(&server, &config, &error), ISTAUTH_E_CONFIG);
    assert_null(server);
    assert_int_equal(error.status, ISTAUTH_E_CONFIG);
    assert_non_null(strstr(error.detail, "issuer"));
    assert_null(strstr(error.detail, "hunter2"));
    assert_null(strstr(error.detail, "TICKET"));
}

static void test_cr_08_nothing_is_left_in_openssls_error_queue(void **state)
{
    world *w = world_new();

    (void)state;
    ERR_clear_error();
    w->config.hooks.random = NULL; /* OpenSSL's own */
    world_open(w);
    (void)world_connect(w, "mcp", NULL);
    assert_int_equal(ERR_peek_error(), 0);
    world_free(w);
}

static void test_dm_10_only_the_exact_well_known_path_is_served(void **state)
{
    static const char *const near[] = {
        "/.well-known/oauth-authorization-server/",
        "/.well-known/oauth-authorization-server/x",
        "/.well-known/oauth-authorization-server%2f",
        "/.well-known/oauth-authorization-server%2f..",
        "/.well-known//oauth-authorization-server",
        "//.well-known/oauth-authorization-server",
        "/.well-known/../.well-known/oauth-authorization-server",
        "/.Well-Known/oauth-authorization-server",
        "/.well-known/oauth-authorization-serve",
        "/.well-known/oauth-protected-resource/mcp/",
        "/.well-known/oauth-protected-resource/mc",
        "/.well-known/oauth-protected-resource/mcp%00",
        "/.well-known/openid-configuration",
        "/.well-known/",
        "",
    };
    const world *w = *state;

    for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
        assert_int_equal(istauth_route(w->server, istauth_str_of(near[i])), ISTAUTH_ENDPOINT_NONE);
    assert_int_equal(
        istauth_route(w->server, ISTAUTH_STR("/.well-known/oauth-authorization-server")),
        ISTAUTH_ENDPOINT_SERVER_METADATA);
    assert_int_equal(
        istauth_route(w->server, ISTAUTH_STR("/.well-known/oauth-protected-resource/mcp")),
        ISTAUTH_ENDPOINT_RESOURCE_METADATA);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cr_11_servers_start_from_many_threads_at_once),
        CASE(test_cr_07_an_error_says_what_is_wrong_and_no_secret),
        cmocka_unit_test(test_cr_08_nothing_is_left_in_openssls_error_queue),
        CASE(test_dm_10_only_the_exact_well_known_path_is_served),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
