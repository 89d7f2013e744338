#include "unit/unit.h"

#include <istauth/challenge.h>

static istauth_status bearer(istauth_str *token, istauth_str header)
{
    istauth_str copy = exact(header);
    istauth_status st = istauth_bearer_parse(token, copy);

    if (!st) /* borrowed: move it to the caller's text before the copy goes */
        token->p = header.p + (token->p - copy.p);
    exact_free(copy);
    return st;
}

static void test_be_02_the_case_of_the_scheme_does_not_matter(void **state)
{
    static const char *const headers[] = { "Bearer ist_at_x", "bearer ist_at_x", "BEARER ist_at_x",
                                           "bEaReR ist_at_x" };
    istauth_str token;

    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        assert_int_equal(bearer(&token, istauth_str_of(headers[i])), ISTAUTH_OK);
        assert_says(token, "ist_at_x");
    }
}

static void test_be_01_another_scheme_or_none_is_no_credentials(void **state)
{
    static const char *const headers[] = { "", " ", "  Bearer x", "Basic YTpi", "Bearerx y", "Beare x",
                                           "DPoP x", "Token x", "ist_at_x", "\"Bearer\" x", "Digest a=b",
                                           "\x80" };
    istauth_str token = ISTAUTH_STR("untouched");

    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++)
        assert_int_equal(bearer(&token, istauth_str_of(headers[i])), ISTAUTH_E_NO_CREDENTIALS);
    assert_int_equal(istauth_bearer_parse(&token, (istauth_str){ NULL, 0 }),
                     ISTAUTH_E_NO_CREDENTIALS);
    assert_says(token, "untouched");
}

static void test_be_04_malformed_bearer_is_an_invalid_token(void **state)
{
    static const istauth_str headers[] = {
        ISTAUTH_STR_INIT("Bearer"),      ISTAUTH_STR_INIT("Bearer "),
        ISTAUTH_STR_INIT("Bearer  x"),   ISTAUTH_STR_INIT("Bearer a b"),
        ISTAUTH_STR_INIT("Bearer a,b"),  ISTAUTH_STR_INIT("Bearer\tx"),
        ISTAUTH_STR_INIT("Bearer x "),   ISTAUTH_STR_INIT("Bearer x\t"),
        ISTAUTH_STR_INIT("Bearer x\0"),  ISTAUTH_STR_INIT("Bearer \0x"),
        ISTAUTH_STR_INIT("Bearer\0 x"),  ISTAUTH_STR_INIT("Bearer x\x80"),
        ISTAUTH_STR_INIT("Bearer \"x\""), ISTAUTH_STR_INIT("Bearer ="),
        ISTAUTH_STR_INIT("Bearer a=b"),  ISTAUTH_STR_INIT("Bearer x\r\nHost: y"),
        ISTAUTH_STR_INIT("Bearer,x"),    ISTAUTH_STR_INIT("Bearer/x"),
        ISTAUTH_STR_INIT("Bearer x:y"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        istauth_str token = ISTAUTH_STR("untouched");

        assert_int_equal(bearer(&token, headers[i]), ISTAUTH_E_INVALID_TOKEN);
        assert_says(token, "untouched");
    }
}

static void test_be_04_a_token68_is_taken_whole_at_any_length(void **state)
{
    istauth_str tail = repeated(arena_of(state), 'a', 4000), token, long_header;

    assert_int_equal(bearer(&token, ISTAUTH_STR("Bearer aZ09-._~+/==")), ISTAUTH_OK);
    assert_says(token, "aZ09-._~+/==");
    long_header = joined(arena_of(state), "Bearer ", tail.p, NULL);
    assert_int_equal(bearer(&token, long_header), ISTAUTH_OK);
    assert_int_equal(token.n, 4000);
}

static istauth_status basic(void **state, const char *header, istauth_str *id, istauth_str *secret)
{
    istauth_str copy = exact(istauth_str_of(header));
    istauth_status st = istauth_basic_parse(id, secret, arena_of(state), copy);

    exact_free(copy);
    return st;
}

static void test_tk_12_both_habits_of_encoding_are_read(void **state)
{
    static const struct {
        const char *header, *id, *secret;
    } rows[] = {
        { "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame" }, /* RFC 7617 2 */
        { "basic YTpi", "a", "b" },
        { "BASIC YTpi", "a", "b" },
        { "Basic YTo=", "a", "" },
        { "Basic YTo", "a", "" },
        { "Basic OmI=", "", "b" },
        { "Basic Og==", "", "" },
        { "Basic YTpiOmM=", "a", "b:c" },
        { "Basic JTYxJTJEOmIlMkI=", "a-", "b+" }, /* %61%2D:b%2B */
        { "Basic YSUzQWI6Yw==", "a:b", "c" },     /* a%3Ab:c */
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_str id, secret;

        assert_int_equal(basic(state, rows[i].header, &id, &secret), ISTAUTH_OK);
        assert_says(id, rows[i].id);
        assert_says(secret, rows[i].secret);
    }
}

static void test_tk_11_malformed_basic_is_an_invalid_client(void **state)
{
    static const char *const headers[] = {
        "Basic", "Basic ", "Basic  YTpi", "Basic YTpi ", "Basic YWI=", /* no colon */
        "Basic !!!!", "Basic YTpi YTpi", "Basic YTp", "Basic YTpiY", "Basic YT=pi",
        "Basic YQA6Yg==", /* a NUL in the id */
        "Basic JTAwOmI=", /* %00:b */
        "Basic JXp6OmI=", /* %zz:b */
        "Basic YTol",     /* a:% */
        "Basic YTpiCg==", /* a line feed in the secret */
        "Basic gDpi",     /* not UTF-8 */
        "Basic YTpi====", "Basic YTo==",
    };

    for (size_t i = 0; i < COUNT(headers); i++) {
        istauth_str id = ISTAUTH_STR("untouched"), secret = id;
        istauth_status st = basic(state, headers[i], &id, &secret);

        if (st != ISTAUTH_E_INVALID_CLIENT)
            fail_msg("%s: %d", headers[i], (int)st);
        assert_says(id, "untouched");
        assert_says(secret, "untouched");
    }
}

static void test_tk_11_another_scheme_is_no_credentials(void **state)
{
    istauth_str id, secret;

    assert_int_equal(basic(state, "", &id, &secret), ISTAUTH_E_NO_CREDENTIALS);
    assert_int_equal(istauth_basic_parse(&id, &secret, arena_of(state), istauth_str_of(NULL)),
                     ISTAUTH_E_NO_CREDENTIALS);
    assert_int_equal(basic(state, "Bearer YTpi", &id, &secret), ISTAUTH_E_NO_CREDENTIALS);
    assert_int_equal(basic(state, "Basically YTpi", &id, &secret), ISTAUTH_E_NO_CREDENTIALS);
}

static void test_me_05_basic_without_memory_writes_nothing(void **state)
{
    istauth_str id = ISTAUTH_STR("untouched"), secret = id;
    istauth_status st = ISTAUTH_E_NO_MEMORY;

    (void)state;
    for (size_t cap = 0; st; cap += 4) {
        istauth_arena arena;

        assert_says(id, "untouched");
        istauth_arena_init(&arena, NULL, 0, NULL, cap);
        st = istauth_basic_parse(&id, &secret, &arena, ISTAUTH_STR("Basic YTpi"));
        istauth_arena_wipe(&arena);
        assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NO_MEMORY);
        assert_true(cap < 4096);
    }
}

static istauth_str written(void **state, const char *error, const char *metadata, const char *scope,
                         const char *description)
{
    istauth_challenge c = { istauth_str_of(error), istauth_str_of(metadata), istauth_str_of(scope),
                            istauth_str_of(description) };
    istauth_str value;

    assert_int_equal(istauth_challenge_write(&value, arena_of(state), &c), ISTAUTH_OK);
    assert_memory_equal(value.p, "Bearer ", 7);
    return value;
}

#define METADATA "https://h/.well-known/oauth-protected-resource/mcp"

static void test_be_03_golden_challenges(void **state)
{
    assert_says(written(state, NULL, METADATA, "mcp", NULL),
                "Bearer resource_metadata=\"" METADATA "\", scope=\"mcp\"");
    assert_says(written(state, "invalid_token", METADATA, "mcp",
                      "The access token is invalid or expired"),
                "Bearer error=\"invalid_token\", resource_metadata=\"" METADATA "\", scope=\"mcp\", "
                "error_description=\"The access token is invalid or expired\"");
    assert_says(written(state, "insufficient_scope", METADATA, "mcp email", NULL),
                "Bearer error=\"insufficient_scope\", resource_metadata=\"" METADATA "\", "
                "scope=\"mcp email\"");
    assert_says(written(state, NULL, NULL, "mcp", NULL), "Bearer scope=\"mcp\"");
    assert_says(written(state, NULL, NULL, NULL, "Sign in"), "Bearer error_description=\"Sign in\"");
}

static void test_be_16_a_value_that_would_need_an_escape_is_refused(void **state)
{
    static const istauth_str bad[] = {
        ISTAUTH_STR_INIT("a\"b"), ISTAUTH_STR_INIT("a\\b"), ISTAUTH_STR_INIT("a\r\nX: y"),
        ISTAUTH_STR_INIT("a\nb"), ISTAUTH_STR_INIT("a\tb"), ISTAUTH_STR_INIT("a\0b"),
        ISTAUTH_STR_INIT("a\x7F"), ISTAUTH_STR_INIT("\xC3\xA9"), ISTAUTH_STR_INIT("\x80"),
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        for (int member = 0; member < 4; member++) {
            istauth_challenge c = { { NULL, 0 }, { NULL, 0 }, ISTAUTH_STR_INIT("mcp"), { NULL, 0 } };
            istauth_str *members[] = { &c.error, &c.resource_metadata, &c.scope, &c.description };
            istauth_str value = ISTAUTH_STR("untouched");

            *members[member] = bad[i];
            assert_int_equal(istauth_challenge_write(&value, arena_of(state), &c),
                             ISTAUTH_E_ARGUMENT);
            assert_says(value, "untouched");
        }
    }
}

static void test_be_16_a_description_never_looks_like_a_parameter(void **state)
{
    istauth_challenge c = { ISTAUTH_STR_INIT("invalid_token"), { NULL, 0 }, { NULL, 0 },
                            ISTAUTH_STR_INIT("ask for scope=mcp") };
    istauth_str value;

    assert_int_equal(istauth_challenge_write(&value, arena_of(state), &c), ISTAUTH_E_ARGUMENT);
    c.description = ISTAUTH_STR("ask for scope mcp");
    assert_int_equal(istauth_challenge_write(&value, arena_of(state), &c), ISTAUTH_OK);
}

static void test_an_empty_challenge_is_refused(void **state)
{
    istauth_challenge c = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    istauth_str value;

    assert_int_equal(istauth_challenge_write(&value, arena_of(state), &c), ISTAUTH_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_be_02_the_case_of_the_scheme_does_not_matter),
        cmocka_unit_test(test_be_01_another_scheme_or_none_is_no_credentials),
        cmocka_unit_test(test_be_04_malformed_bearer_is_an_invalid_token),
        with_arena(test_be_04_a_token68_is_taken_whole_at_any_length),
        with_arena(test_tk_12_both_habits_of_encoding_are_read),
        with_arena(test_tk_11_malformed_basic_is_an_invalid_client),
        with_arena(test_tk_11_another_scheme_is_no_credentials),
        cmocka_unit_test(test_me_05_basic_without_memory_writes_nothing),
        with_arena(test_be_03_golden_challenges),
        with_arena(test_be_16_a_value_that_would_need_an_escape_is_refused),
        with_arena(test_be_16_a_description_never_looks_like_a_parameter),
        with_arena(test_an_empty_challenge_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
