/* How a client wants the person to be signed in: prompt, max_age, hints, and the way back from the
 * sign-in page (OpenID Connect Core 3.1.2.1). */
#include "support/openid.h"

static istauth_authorization asked(world *w, const char *query)
{
    istauth_authorization a;

    assert_int_equal(istauth_authorize_check(&a, w->server, istauth_str_of(query), &w->arena),
                     ISTAUTH_OK);
    return a;
}

static char *query_of(world *w, const char *more)
{
    return world_query(w, world_register(w, WORLD_CLIENT_REDIRECT), WORLD_CLIENT_REDIRECT, more);
}

static istauth_status open_at(world *w, istauth_authorization a, istauth_time auth_time)
{
    istauth_consent consent;

    a.auth_time = auth_time;
    return istauth_consent_open(&consent, w->server, &a, ADA, BROWSER, &w->arena);
}

static void refuse(world *w, const char *more, const char *error)
{
    expect_redirect_error(world_get(w, "/oauth/authorize", query_of(w, more)),
                          WORLD_CLIENT_REDIRECT, error, NULL);
}

#define NOW ((istauth_time)WORLD_START)

static void test_prompts_that_are_taken(void **state)
{
    static const struct {
        const char *more;
        bool login, select_account;
    } rows[] = {
        { "prompt=", false, false },
        { "prompt=consent", false, false },
        { "prompt=create", false, false },
        { "prompt=LOGIN", false, false },
        { "prompt=login", true, false },
        { "prompt=login+consent", true, false },
        { "prompt=select_account", false, true },
        { "prompt=consent+select_account+login", true, true },
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_authorization a = asked(w, query_of(w, rows[i].more));

        assert_int_equal(a.prompt_login, rows[i].login);
        assert_int_equal(a.prompt_select_account, rows[i].select_account);
        assert_int_equal(a.signed_in_since, rows[i].login ? NOW : 0);
        assert_false(a.resumed);
    }
}

static void test_parameters_that_are_refused(void **state)
{
    static const char *const bad[] = { "prompt=none+login", "prompt=consent+none", "prompt=a&prompt=b",
                                       "max_age=-1", "max_age=1.5", "max_age=+1", "max_age=1s",
                                       "max_age=0x1", "max_age=99999999999", "max_age=1&max_age=1",
                                       "nonce=1&nonce=1", "ui_locales=a&ui_locales=a",
                                       "acr_values=a&acr_values=a", "login_hint=a&login_hint=b",
                                       "id_token_hint=a&id_token_hint=a" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(bad); i++)
        refuse(w, bad[i], "invalid_request");
    refuse(w, "prompt=none", "login_required");
    refuse(w, "prompt=none&max_age=0", "login_required");
}

static void test_a_nonce_has_at_most_512_bytes(void **state)
{
    world *w = *state;
    istauth_authorization a = asked(w, query_of(w, world_text(w, "nonce=%0512d", 1)));

    assert_int_equal(a.nonce.n, 512);
    refuse(w, world_text(w, "nonce=%0513d", 1), "invalid_request");
}

static void test_hints_are_handed_on_or_dropped(void **state)
{
    world *w = *state;
    istauth_authorization a =
        asked(w, query_of(w, "login_hint=ada%40example.com&ui_locales=tr+en&acr_values=loa2+loa1"));

    assert_true(istauth_str_equal(a.login_hint, ISTAUTH_STR("ada@example.com")));
    assert_true(istauth_str_equal(a.ui_locales, ISTAUTH_STR("tr en")));
    assert_true(istauth_str_equal(a.acr_values, ISTAUTH_STR("loa2 loa1")));
    a = asked(w, query_of(w, world_text(w, "login_hint=%0257d&ui_locales=a%%0Ab&acr_values=%%E2%%80%%AE",
                                        1)));
    assert_int_equal(a.login_hint.n + a.ui_locales.n + a.acr_values.n, 0);
}

static void test_max_age_is_a_time_since_when(void **state)
{
    static const struct {
        const char *more;
        istauth_time since;
    } rows[] = {
        { "max_age=", 0 },
        { "max_age=0", NOW },
        { "max_age=00", NOW },
        { "max_age=1", NOW - 1 },
        { "max_age=3600", NOW - 3600 },
        { "max_age=9999999999", 1 }, /* longer than there have been seconds, but it must be told */
        { "max_age=3600&prompt=login", NOW },
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(asked(w, query_of(w, rows[i].more)).signed_in_since, rows[i].since);
}

static void test_a_sign_in_must_be_as_fresh_as_was_asked_for(void **state)
{
    world *w = *state;
    istauth_authorization any = asked(w, query_of(w, NULL));
    istauth_authorization hour = asked(w, query_of(w, "max_age=3600"));
    istauth_authorization anew = asked(w, query_of(w, "prompt=login"));

    assert_int_equal(open_at(w, any, 0), ISTAUTH_OK);
    assert_int_equal(open_at(w, any, 1), ISTAUTH_OK);
    assert_int_equal(open_at(w, any, NOW + 60), ISTAUTH_OK);
    assert_int_equal(open_at(w, any, NOW + 61), ISTAUTH_E_ARGUMENT);
    assert_int_equal(open_at(w, any, -1), ISTAUTH_E_ARGUMENT);
    assert_int_equal(open_at(w, hour, 0), ISTAUTH_E_LOGIN_REQUIRED); /* not told */
    assert_int_equal(open_at(w, hour, NOW - 3601), ISTAUTH_E_LOGIN_REQUIRED);
    assert_int_equal(open_at(w, hour, NOW - 3600), ISTAUTH_OK);
    assert_int_equal(open_at(w, anew, NOW - 1), ISTAUTH_E_LOGIN_REQUIRED);
    assert_int_equal(open_at(w, anew, NOW), ISTAUTH_OK);
}

/* The time of the sign-in goes with the ticket into the grant. */
static void test_what_was_shown_is_what_is_issued(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    reply *r;

    w->auth_time = NOW;
    r = world_redeem(w, client, world_code(w, client, "scope=openid&prompt=login"));
    assert_int_equal(claim_int(id_token_claims(w, reply_str(r, "id_token"), NULL), "auth_time"), NOW);
}

/* --- the way back --- */

static void test_a_request_that_comes_back_asks_no_second_time(void **state)
{
    world *w = *state;
    istauth_authorization first = asked(w, query_of(w, "prompt=login+select_account&nonce=n")), again;

    w->now += 20; /* the person signs in */
    again = asked(w, first.resume.p);
    assert_true(again.resumed);
    assert_int_equal(again.signed_in_since, NOW);
    assert_true(istauth_str_equal(again.nonce, ISTAUTH_STR("n")));
    assert_true(istauth_str_equal(again.resume, first.resume));
    assert_int_equal(open_at(w, again, NOW + 15), ISTAUTH_OK);
    assert_int_equal(open_at(w, again, NOW - 1), ISTAUTH_E_LOGIN_REQUIRED);
}

static bool resumes(world *w, const char *query)
{
    return asked(w, query).resumed;
}

static void test_no_other_request_can_take_that_way(void **state)
{
    world *w = *state;
    char *query = query_of(w, "prompt=login"), *resume, *other;
    size_t n = strlen(query);

    resume = world_text(w, "%s", asked(w, query).resume.p);
    assert_int_equal(strlen(resume), n + 68);
    assert_true(resumes(w, resume));
    for (size_t i = n; i < n + 68; i++) { /* any other time, and any other proof of it */
        other = world_text(w, "%s", resume);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        assert_false(resumes(w, other));
    }
    assert_false(resumes(w, world_text(w, "%s&x=y", resume)));
    assert_false(resumes(w, world_text(w, "x=y&%s", resume)));
    assert_false(resumes(w, world_text(w, "%s%s", query_of(w, "prompt=login"), resume + n)));
    assert_false(resumes(w, world_text(w, "%.*s", (int)(n + 67), resume)));
    w->now += 3600;
    assert_true(resumes(w, resume));
    w->now += 1;
    assert_false(resumes(w, resume));
    w->now = NOW - 60;
    assert_true(resumes(w, resume));
    w->now = NOW - 61;
    assert_false(resumes(w, resume));
    w->now = NOW;
    world_reopen(w); /* another ticket key */
    assert_false(resumes(w, resume));
}

static void test_the_longest_query_finds_back_too(void **state)
{
    world *w = *state;
    char *query = query_of(w, "prompt=login&x=");
    istauth_authorization a;

    query = world_text(w, "%s%0*d", query, (int)(16384 - strlen(query)), 0);
    a = asked(w, query);
    assert_true(resumes(w, a.resume.p));
}

/* --- id_token_hint --- */

static char *hint(world *w, const char *client, const char *id_token)
{
    return world_query(w, client, WORLD_CLIENT_REDIRECT,
                       world_text(w, "scope=openid&id_token_hint=%s", id_token));
}

static void test_an_id_token_of_ours_says_who_is_expected(void **state)
{
    static const uint8_t key[ISTAUTH_PAIRWISE_KEY_SIZE] = { 9 };
    world *w = *state;
    char *client, *id_token;
    istauth_authorization a;
    istauth_consent consent;

    for (int pairwise = 0; pairwise < 2; pairwise++) {
        w->config.pairwise_key = pairwise ? key : NULL;
        openid_use(w, EC_PEM, NULL);
        client = world_register(w, WORLD_CLIENT_REDIRECT);
        id_token = world_text(w, "%s",
                              reply_str(world_redeem(w, client, world_code(w, client, "scope=openid")),
                                        "id_token"));
        w->now += 100000; /* long expired, and as good a hint */
        a = asked(w, hint(w, client, id_token));
        assert_int_equal(a.id_token_subject.n, pairwise ? 43 : 8);
        assert_int_equal(open_at(w, a, 0), ISTAUTH_OK);
        assert_int_equal(istauth_consent_open(&consent, w->server, &a, GRACE, BROWSER, &w->arena),
                         ISTAUTH_E_LOGIN_REQUIRED);
    }
}

static void test_what_proves_nothing_is_no_hint(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT), *id_token, *other;

    id_token = world_text(w, "%s",
                          reply_str(world_redeem(w, client, world_code(w, client, "scope=openid")),
                                    "id_token"));
    other = world_text(w, "%s", id_token);
    other[strlen(other) - 5] ^= 1;
    assert_int_equal(asked(w, hint(w, client, "ada")).id_token_subject.n, 0);
    assert_int_equal(asked(w, hint(w, client, other)).id_token_subject.n, 0);
    other = world_register(w, WORLD_CLIENT_REDIRECT);
    assert_int_equal(asked(w, hint(w, other, id_token)).id_token_subject.n, 0);
    openid_use(w, ED_PEM, NULL); /* its key is gone */
    assert_int_equal(asked(w, hint(w, client, id_token)).id_token_subject.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_prompts_that_are_taken),
        CASE(test_parameters_that_are_refused),
        CASE(test_a_nonce_has_at_most_512_bytes),
        CASE(test_hints_are_handed_on_or_dropped),
        CASE(test_max_age_is_a_time_since_when),
        CASE(test_a_sign_in_must_be_as_fresh_as_was_asked_for),
        OPENID_CASE(test_what_was_shown_is_what_is_issued),
        CASE(test_a_request_that_comes_back_asks_no_second_time),
        CASE(test_no_other_request_can_take_that_way),
        CASE(test_the_longest_query_finds_back_too),
        OPENID_CASE(test_an_id_token_of_ours_says_who_is_expected),
        OPENID_CASE(test_what_proves_nothing_is_no_hint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
