#include "unit/unit.h"

#include "rules/jwt_i.h"

#define NOW 1800000000

static const istauth_str audience = ISTAUTH_STR_INIT("https://as.example");

static istauth__jwt_policy policy(void)
{
    istauth__jwt_policy p = { ISTAUTH_STR("app"), ISTAUTH_STR("app"), { &audience, 1 }, NOW, 30, 300 };

    return p;
}

static istauth_status judge(istauth_arena *arena, const char *payload)
{
    istauth__jwt_policy p = policy();
    istauth__jwt jwt;
    istauth_str text = exact(istauth_str_of(payload));
    istauth_status st = istauth__jwt_parse(&jwt, arena, text);

    exact_free(text);
    return st ? st : istauth__jwt_check(&jwt, &p);
}

#define WHO "\"iss\":\"app\",\"sub\":\"app\","
#define AUD "\"aud\":\"https://as.example\","
#define EXP "\"exp\":1800000060"

static void test_claims_that_are_taken_and_refused(void **state)
{
    static const struct {
        const char *payload;
        bool want;
    } rows[] = {
        { "{" WHO AUD EXP "}", true },
        { "{" WHO AUD EXP ",\"jti\":\"1\",\"iat\":1800000000,\"nbf\":1800000000,\"more\":{}}", true },
        { "{" WHO "\"aud\":[\"https://as.example\"]," EXP "}", true },
        /* who */
        { "{\"iss\":\"App\",\"sub\":\"app\"," AUD EXP "}", false },
        { "{\"iss\":\"app\",\"sub\":\"apple\"," AUD EXP "}", false },
        { "{\"iss\":\"app\"," AUD EXP "}", false },
        { "{\"sub\":\"app\"," AUD EXP "}", false },
        { "{\"iss\":[\"app\"],\"sub\":\"app\"," AUD EXP "}", false },
        { "{\"iss\":\"app\",\"iss\":\"app\",\"sub\":\"app\"," AUD EXP "}", false },
        /* for whom: this server and no one else */
        { "{" WHO EXP "}", false },
        { "{" WHO "\"aud\":null," EXP "}", false },
        { "{" WHO "\"aud\":\"\"," EXP "}", false },
        { "{" WHO "\"aud\":[]," EXP "}", false },
        { "{" WHO "\"aud\":[\"\"]," EXP "}", false },
        { "{" WHO "\"aud\":7," EXP "}", false },
        { "{" WHO "\"aud\":[7]," EXP "}", false },
        { "{" WHO "\"aud\":{\"https://as.example\":1}," EXP "}", false },
        { "{" WHO "\"aud\":\"https://as.example/\"," EXP "}", false },
        { "{" WHO "\"aud\":\"https://as.example.evil\"," EXP "}", false },
        { "{" WHO "\"aud\":[\"https://as.example\",\"https://other.example\"]," EXP "}", false },
        { "{" WHO "\"aud\":[\"https://as.example\",\"https://as.example\"]," EXP "}", false },
        /* until when: 30 seconds of skew, and 300 from now at most */
        { "{" WHO AUD "\"jti\":\"1\"}", false },
        { "{" WHO AUD "\"exp\":null}", false },
        { "{" WHO AUD "\"exp\":1799999971}", true },
        { "{" WHO AUD "\"exp\":1799999970}", false },
        { "{" WHO AUD "\"exp\":1799999970.9}", false },
        { "{" WHO AUD "\"exp\":1800000060.5}", true },
        { "{" WHO AUD "\"exp\":1800000330}", true },
        { "{" WHO AUD "\"exp\":1800000331}", false },
        { "{" WHO AUD "\"exp\":0}", false },
        { "{" WHO AUD "\"exp\":-1}", false },
        { "{" WHO AUD "\"exp\":1e300}", false },
        { "{" WHO AUD "\"exp\":1e400}", false },
        { "{" WHO AUD "\"exp\":9223372036854775807}", false },
        { "{" WHO AUD "\"exp\":\"1800000060\"}", false },
        { "{" WHO AUD "\"exp\":true}", false },
        /* from when */
        { "{" WHO AUD EXP ",\"nbf\":1800000030}", true },
        { "{" WHO AUD EXP ",\"nbf\":1800000031}", false },
        { "{" WHO AUD EXP ",\"nbf\":\"now\"}", false },
        { "{" WHO AUD EXP ",\"iat\":1800000030}", true },
        { "{" WHO AUD EXP ",\"iat\":1800000031}", false },
        { "{" WHO AUD EXP ",\"iat\":{}}", false },
        { "{" WHO AUD EXP ",\"jti\":7}", false },
        { "[" EXP "]", false },
        { "\"text\"", false },
        { "", false },
        { "{" WHO AUD EXP "}}", false },
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        if (judge(arena_of(state), rows[i].payload) !=
            (rows[i].want ? ISTAUTH_OK : ISTAUTH_E_INVALID_TOKEN))
            fail_msg("%s", rows[i].payload);
}

static void test_what_is_not_asked_for_may_be_anything(void **state)
{
    istauth__jwt_policy p = policy();
    istauth__jwt jwt;

    assert_int_equal(istauth__jwt_parse(&jwt, arena_of(state), ISTAUTH_STR("{" AUD EXP "}")),
                     ISTAUTH_OK);
    p.issuer = p.subject = istauth_str_of(NULL);
    assert_int_equal(istauth__jwt_check(&jwt, &p), ISTAUTH_OK);
    p.audiences.count = 0; /* but for nobody is for nobody */
    assert_int_equal(istauth__jwt_check(&jwt, &p), ISTAUTH_E_INVALID_TOKEN);
}

static void test_one_of_several_names_of_the_audience_will_do(void **state)
{
    const istauth_str names[] = { ISTAUTH_STR("https://as.example"), ISTAUTH_STR("https://as.example/") };
    istauth__jwt_policy p = policy();
    istauth__jwt jwt;

    p.audiences = (istauth_str_list){ names, COUNT(names) };
    assert_int_equal(istauth__jwt_parse(&jwt, arena_of(state),
                                        ISTAUTH_STR("{" WHO "\"aud\":\"https://as.example/\"," EXP "}")),
                     ISTAUTH_OK);
    assert_int_equal(istauth__jwt_check(&jwt, &p), ISTAUTH_OK);
}

/* The claims of RFC 7519 3.1. */
static void test_the_example_of_the_rfc_is_read(void **state)
{
    istauth__jwt jwt;

    assert_int_equal(istauth__jwt_parse(&jwt, arena_of(state),
                                        ISTAUTH_STR("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
                                                    "\"http://example.com/is_root\":true}")),
                     ISTAUTH_OK);
    assert_says(jwt.issuer, "joe");
    assert_int_equal(jwt.expires_at, 1300819380);
    assert_int_equal(jwt.audience.count, 0);
    assert_int_equal(jwt.subject.n + jwt.id.n, 0);
    assert_true(jwt.not_before == 0 && jwt.issued_at == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_claims_that_are_taken_and_refused),
        with_arena(test_what_is_not_asked_for_may_be_anything),
        with_arena(test_one_of_several_names_of_the_audience_will_do),
        with_arena(test_the_example_of_the_rfc_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
