#include "unit/jose.h"

#define PAYLOAD "{\"iss\":\"joe\"}"

static const istauth__jws_policy any = { ISTAUTH__ALG_ALL, ISTAUTH_STR_INIT("JWT at+jwt"), false };

static istauth_status verify_as(istauth_str *payload, istauth_arena *arena, istauth_str token,
                                const istauth__jws_policy *policy, const istauth__jwks *keys)
{
    istauth_str text = exact(token);
    istauth_status st = istauth__jws_verify(payload, arena, text, policy, keys);

    exact_free(text);
    return st;
}

static istauth_status verify(istauth_arena *arena, istauth_str token, const istauth__jwks *keys)
{
    istauth_str payload;

    return verify_as(&payload, arena, token, &any, keys);
}

static istauth__jwks keys_of(istauth_arena *arena, const char *json)
{
    istauth__jwks set;

    assert_int_equal(istauth__jwks_parse(&set, arena, istauth_str_of(json)), ISTAUTH_OK);
    assert_int_equal(set.count, 1);
    return set;
}

/* RFC 7515 A.2 and A.3, RFC 8037 A.4 */
#define JOE \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define JOE_PLAIN "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"

static const struct {
    const char *keys, *token, *payload;
} vectors[] = {
    { "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":"
      "\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm"
      "4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re"
      "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXF"
      "vUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\"}]}",
      "eyJhbGciOiJSUzI1NiJ9." JOE
      ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5j"
      "ujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L"
      "07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEU"
      "ipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
      JOE_PLAIN },
    { "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
      "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}",
      "eyJhbGciOiJFUzI1NiJ9." JOE
      ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
      JOE_PLAIN },
    { "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
      "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
      ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
      "Example of Ed25519 signing" },
};

static void test_the_examples_of_the_rfcs_verify(void **state)
{
    for (size_t i = 0; i < COUNT(vectors); i++) {
        istauth__jwks set = keys_of(arena_of(state), vectors[i].keys);
        istauth_str payload;

        assert_int_equal(verify_as(&payload, arena_of(state), istauth_str_of(vectors[i].token), &any,
                                   &set),
                         ISTAUTH_OK);
        assert_says(payload, vectors[i].payload);
    }
}

static void test_any_changed_character_is_refused(void **state)
{
    for (size_t i = 0; i < COUNT(vectors); i++) {
        istauth__jwks set = keys_of(arena_of(state), vectors[i].keys);
        istauth_str token;

        assert_int_equal(istauth_arena_copy(&token, arena_of(state), istauth_str_of(vectors[i].token)),
                         ISTAUTH_OK);
        for (size_t at = 0; at < token.n; at++) {
            char *c = (char *)(uintptr_t)token.p + at, was = *c;

            *c = was == 'A' ? 'B' : 'A';
            assert_int_equal(verify(arena_of(state), token, &set), ISTAUTH_E_INVALID_TOKEN);
            *c = was;
        }
        for (size_t n = 0; n < token.n; n++)
            assert_int_equal(verify(arena_of(state), (istauth_str){ token.p, n }, &set),
                             ISTAUTH_E_INVALID_TOKEN);
    }
}

static void test_the_key_of_another_vector_does_not_verify(void **state)
{
    for (size_t i = 0; i < COUNT(vectors); i++)
        for (size_t k = 0; k < COUNT(vectors); k++) {
            istauth__jwks set = keys_of(arena_of(state), vectors[k].keys);

            assert_int_equal(verify(arena_of(state), istauth_str_of(vectors[i].token), &set),
                             i == k ? ISTAUTH_OK : ISTAUTH_E_INVALID_TOKEN);
        }
}

/* What a header may say of a token that an EC key did sign. */
static void test_headers_that_are_taken_and_refused(void **state)
{
    static const struct {
        const char *header;
        istauth_status want;
    } rows[] = {
        { "{\"alg\":\"ES256\"}", ISTAUTH_OK },
        { "{\"alg\":\"ES256\",\"kid\":\"one\"}", ISTAUTH_OK },
        { "{\"alg\":\"ES256\",\"kid\":\"\"}", ISTAUTH_OK },
        { "{\"alg\":\"ES256\",\"kid\":\"two\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"kid\":\"One\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"kid\":1}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"none\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"None\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":null}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":[\"ES256\"]}", ISTAUTH_E_INVALID_TOKEN },
        { "{}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"es256\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256K\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES384\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"RS256\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"PS256\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"EdDSA\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"HS256\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"alg\":\"ES256\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"crit\":[\"exp\"],\"exp\":1}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"crit\":[]}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"crit\":null}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"b64\":false}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"b64\":true}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", ISTAUTH_OK },
        { "{\"alg\":\"ES256\",\"typ\":\"jwt\"}", ISTAUTH_OK },
        { "{\"alg\":\"ES256\",\"typ\":\"application/at+jwt\"}", ISTAUTH_OK },
        { "{\"alg\":\"ES256\",\"typ\":\"application/\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"typ\":\"dpop+jwt\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"typ\":\"JWT at+jwt\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"typ\":1}", ISTAUTH_E_INVALID_TOKEN },
        /* Where a key could be had is nothing to us: the set's has signed. */
        { "{\"alg\":\"ES256\",\"jku\":\"https://evil.example/\",\"x5u\":\"https://evil.example/\"}",
          ISTAUTH_OK },
        { "[\"ES256\"]", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\"", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\"}x", ISTAUTH_E_INVALID_TOKEN },
        { "{\"alg\":\"ES256\",\"x\":\"\xFF\"}", ISTAUTH_E_INVALID_TOKEN },
    };
    istauth_arena *arena = arena_of(state);
    istauth__private_key key = key_from(arena, EC_PEM);
    istauth__jwks set = set_of(arena, &key, "one");

    for (size_t i = 0; i < COUNT(rows); i++)
        if (verify(arena, token_of(arena, &key, rows[i].header, PAYLOAD), &set) != rows[i].want)
            fail_msg("%s", rows[i].header);
    istauth__private_key_free(&key);
}

/* The oldest trick: the public key, which everyone has, as the secret of an HMAC. */
static void test_hs256_with_a_public_key_is_refused(void **state)
{
    istauth_arena *arena = arena_of(state);
    istauth__private_key key = key_from(arena, RSA_PEM);
    istauth__jwks set = set_of(arena, &key, "");
    istauth_str input = joined(arena, encoded(arena, ISTAUTH_STR("{\"alg\":\"HS256\"}")).p, ".",
                               encoded(arena, ISTAUTH_STR(PAYLOAD)).p, NULL);
    istauth_str mac = encoded(arena, repeated(arena, 'm', 32));

    assert_int_equal(verify(arena, joined(arena, input.p, ".", mac.p, NULL), &set),
                     ISTAUTH_E_INVALID_TOKEN);
    assert_int_equal(verify(arena, joined(arena, input.p, ".", NULL), &set),
                     ISTAUTH_E_INVALID_TOKEN);
    istauth__private_key_free(&key);
}

static void test_only_the_algorithms_of_the_policy_are_taken(void **state)
{
    static const char *const pems[] = { EC_PEM, RSA_PEM, ED_PEM };
    static const char *const headers[] = { "{\"alg\":\"ES256\"}", "{\"alg\":\"RS256\"}",
                                           "{\"alg\":\"Ed25519\"}" };
    istauth_arena *arena = arena_of(state);

    for (unsigned i = 0; i < COUNT(pems); i++) {
        istauth__private_key key = key_from(arena, pems[i]);
        istauth__jwks set = set_of(arena, &key, "");
        istauth_str token = token_of(arena, &key, headers[i], PAYLOAD), payload;

        for (unsigned algs = 0; algs <= ISTAUTH__ALG_ALL; algs++) {
            istauth__jws_policy policy = { algs, ISTAUTH_STR_INIT("JWT"), false };

            assert_int_equal(verify_as(&payload, arena, token, &policy, &set),
                             algs >> i & 1 ? ISTAUTH_OK : ISTAUTH_E_INVALID_TOKEN);
        }
        istauth__private_key_free(&key);
    }
}

static void test_a_type_can_be_demanded(void **state)
{
    static const istauth__jws_policy strict = { ISTAUTH__ALG_ALL, ISTAUTH_STR_INIT("JWT"), true };
    istauth_arena *arena = arena_of(state);
    istauth__private_key key = key_from(arena, ED_PEM);
    istauth__jwks set = set_of(arena, &key, "");
    istauth_str payload;

    assert_int_equal(verify_as(&payload, arena,
                               token_of(arena, &key, "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}", PAYLOAD),
                               &strict, &set),
                     ISTAUTH_OK);
    assert_int_equal(verify_as(&payload, arena, token_of(arena, &key, "{\"alg\":\"EdDSA\"}", PAYLOAD),
                               &strict, &set),
                     ISTAUTH_E_INVALID_TOKEN);
    istauth__private_key_free(&key);
}

static void test_shapes_that_are_no_token(void **state)
{
    istauth_arena *arena = arena_of(state);
    istauth__private_key key = key_from(arena, EC_PEM);
    istauth__jwks set = set_of(arena, &key, "");
    istauth_str good = token_of(arena, &key, "{\"alg\":\"ES256\"}", PAYLOAD);
    const istauth_str bad[] = {
        ISTAUTH_STR(""), ISTAUTH_STR("."), ISTAUTH_STR(".."), ISTAUTH_STR("..."), ISTAUTH_STR("a.b"),
        joined(arena, good.p, ".", NULL), joined(arena, good.p, ".AA", NULL),
        joined(arena, good.p, ".AA.AA", NULL), joined(arena, ".", good.p, NULL),
        joined(arena, good.p, "=", NULL), joined(arena, good.p, "\n", NULL),
        joined(arena, " ", good.p, NULL), joined(arena, good.p, "A", NULL),
    };

    assert_int_equal(verify(arena, good, &set), ISTAUTH_OK);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(verify(arena, bad[i], &set), ISTAUTH_E_INVALID_TOKEN);
    assert_int_equal(verify(arena, istauth_str_of(NULL), &set), ISTAUTH_E_INVALID_TOKEN);
    istauth__private_key_free(&key);
}

/* The last character of an Ed25519 signature has four unused bits: sixteen spellings, one taken. */
static void test_other_spellings_of_a_signature_are_refused(void **state)
{
    istauth_arena *arena = arena_of(state);
    istauth__private_key key = key_from(arena, ED_PEM);
    istauth__jwks set = set_of(arena, &key, "");
    istauth_str token = token_of(arena, &key, "{\"alg\":\"EdDSA\"}", PAYLOAD);
    char *last = (char *)(uintptr_t)token.p + token.n - 1, was = *last;
    size_t taken = 0;

    for (const char *c = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"; *c; c++) {
        *last = *c;
        if (!verify(arena, token, &set)) {
            assert_int_equal(*c, was);
            taken++;
        }
    }
    assert_int_equal(taken, 1);
    istauth__private_key_free(&key);
}

static void test_a_token_may_have_8_kib(void **state)
{
    istauth_arena *arena = arena_of(state);
    istauth__private_key key = key_from(arena, ED_PEM);
    istauth__jwks set = set_of(arena, &key, "");
    size_t around = token_of(arena, &key, "{\"alg\":\"EdDSA\"}", "").n;

    for (size_t n = 6000; n < 6140; n++) {
        istauth_str token = token_of(arena, &key, "{\"alg\":\"EdDSA\"}", repeated(arena, 'p', n).p);

        assert_int_equal(token.n, around + ISTAUTH__BASE64URL_LENGTH(n));
        assert_int_equal(verify(arena, token, &set),
                         token.n <= 8192 ? ISTAUTH_OK : ISTAUTH_E_INVALID_TOKEN);
    }
    istauth__private_key_free(&key);
}

static void test_a_key_in_the_header_is_not_trusted(void **state)
{
    istauth_arena *arena = arena_of(state);
    istauth__private_key key = key_from(arena, EC_PEM), thief = key_from(arena, EC_OTHER_PEM);
    istauth__jwks set = set_of(arena, &key, ""), theirs = set_of(arena, &thief, "");
    istauth_str x = encoded(arena, thief.public_half.x), y = encoded(arena, thief.public_half.y);
    istauth_str header = joined(arena, "{\"alg\":\"ES256\",\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"",
                                x.p, "\",\"y\":\"", y.p, "\"}}", NULL);
    istauth_str token = token_of(arena, &thief, header.p, PAYLOAD);

    assert_int_equal(verify(arena, token, &theirs), ISTAUTH_OK);
    assert_int_equal(verify(arena, token, &set), ISTAUTH_E_INVALID_TOKEN);
    istauth__private_key_free(&key);
    istauth__private_key_free(&thief);
}

/* The right key at each place among wrong ones; kid or the eight tries decide. */
static void test_keys_that_fit_are_tried_eight_at_most(void **state)
{
    istauth_arena *arena = arena_of(state);
    istauth__private_key key = key_from(arena, EC_PEM), other = key_from(arena, EC_OTHER_PEM);
    istauth_str without = token_of(arena, &key, "{\"alg\":\"ES256\"}", PAYLOAD);
    istauth_str with = token_of(arena, &key, "{\"alg\":\"ES256\",\"kid\":\"ours\"}", PAYLOAD);
    istauth__jwk jwks[12];
    istauth__jwks set = { jwks, COUNT(jwks) }, none = { NULL, 0 };

    for (size_t at = 0; at < COUNT(jwks); at++) {
        for (size_t i = 0; i < COUNT(jwks); i++) {
            jwks[i].key = i == at ? key.public_half : other.public_half;
            jwks[i].kid = istauth_str_of(i == at ? "ours" : "theirs");
        }
        assert_int_equal(verify(arena, without, &set), at < 8 ? ISTAUTH_OK : ISTAUTH_E_INVALID_TOKEN);
        assert_int_equal(verify(arena, with, &set), ISTAUTH_OK);
        jwks[at].kid = ISTAUTH_STR("renamed");
        assert_int_equal(verify(arena, with, &set), ISTAUTH_E_INVALID_TOKEN);
    }
    assert_int_equal(verify(arena, with, &none), ISTAUTH_E_INVALID_TOKEN);
    istauth__private_key_free(&key);
    istauth__private_key_free(&other);
}

static void test_zero_and_overlarge_numbers_are_no_ecdsa_signature(void **state)
{
    static const char order[] = "\xFF\xFF\xFF\xFF\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                                "\xBC\xE6\xFA\xAD\xA7\x17\x9E\x84\xF3\xB9\xCA\xC2\xFC\x63\x25\x51";
    istauth_arena *arena = arena_of(state);
    istauth__private_key key = key_from(arena, EC_PEM);
    char bytes[64] = { 0 };
    istauth_str signature = { bytes, sizeof(bytes) };

    for (int r = 0; r < 3; r++)
        for (int s = 0; s < 3; s++) {
            memset(bytes, r == 1 ? 0xFF : 0, 32);
            memset(bytes + 32, s == 1 ? 0xFF : 0, 32);
            if (r == 2)
                memcpy(bytes, order, 32);
            if (s == 2)
                memcpy(bytes + 32, order, 32);
            assert_int_equal(istauth__signature_verify(&key.public_half, ISTAUTH_STR("x"), signature),
                             ISTAUTH_E_INVALID_TOKEN);
        }
    istauth__private_key_free(&key);
}

static void test_what_is_printed_verifies_with_each_kind_of_key(void **state)
{
    static const char *const pems[] = { EC_PEM, RSA_PEM, ED_PEM, EC_SEC1_PEM };
    istauth_arena *arena = arena_of(state);

    for (size_t i = 0; i < COUNT(pems); i++) {
        istauth__private_key key = key_from(arena, pems[i]);
        istauth__jwks set = set_of(arena, &key, "k\"1"), parsed;
        istauth_str input, json, payload;

        assert_int_equal(istauth__jws_input(&input, arena, set.keys, "JWT", ISTAUTH_STR(PAYLOAD)),
                         ISTAUTH_OK);
        assert_int_equal(istauth__jwks_print(&json, arena, &set), ISTAUTH_OK);
        assert_int_equal(istauth__jwks_parse(&parsed, arena, json), ISTAUTH_OK);
        assert_int_equal(parsed.count, 1);
        assert_int_equal(verify_as(&payload, arena,
                                   joined(arena, input.p, ".", signature_of(arena, &key, input).p, NULL),
                                   &any, &parsed),
                         ISTAUTH_OK);
        assert_says(payload, PAYLOAD);
        istauth__private_key_free(&key);
    }
}

/* Without memory a good token is not called bad. */
static void test_too_little_memory_is_said_to_be_that(void **state)
{
    istauth_arena *arena = arena_of(state), small;
    istauth__private_key key = key_from(arena, ED_PEM);
    istauth__jwks set = set_of(arena, &key, "");
    istauth_str token = token_of(arena, &key, "{\"alg\":\"EdDSA\",\"kid\":\"\"}", PAYLOAD), payload;
    istauth_status st = ISTAUTH_E_NO_MEMORY;
    char buffer[1024];

    for (size_t room = 0; st; room += 16) {
        assert_true(room <= sizeof(buffer));
        istauth_arena_init(&small, buffer, room, NULL, 0);
        st = istauth__jws_verify(&payload, &small, token, &any, &set);
        assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NO_MEMORY);
        istauth_arena_wipe(&small);
    }
    istauth__private_key_free(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_the_examples_of_the_rfcs_verify),
        with_arena(test_any_changed_character_is_refused),
        with_arena(test_the_key_of_another_vector_does_not_verify),
        with_arena(test_headers_that_are_taken_and_refused),
        with_arena(test_hs256_with_a_public_key_is_refused),
        with_arena(test_only_the_algorithms_of_the_policy_are_taken),
        with_arena(test_a_type_can_be_demanded),
        with_arena(test_shapes_that_are_no_token),
        with_arena(test_other_spellings_of_a_signature_are_refused),
        with_arena(test_a_token_may_have_8_kib),
        with_arena(test_a_key_in_the_header_is_not_trusted),
        with_arena(test_keys_that_fit_are_tried_eight_at_most),
        with_arena(test_zero_and_overlarge_numbers_are_no_ecdsa_signature),
        with_arena(test_what_is_printed_verifies_with_each_kind_of_key),
        with_arena(test_too_little_memory_is_said_to_be_that),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
