#include "unit/unit.h"

#include "base/json_i.h"
#include "base/text_i.h"

#include <cjson/cJSON.h>

static istauth_str text_as_json(void **state, istauth_str text)
{
    istauth__json j = istauth__json_in(arena_of(state));
    istauth_str json;

    istauth__json_open(&j, NULL, '{');
    istauth__json_str(&j, "a", text);
    istauth__json_close(&j, '}');
    assert_int_equal(istauth__buf_done(&json, &j.buf), ISTAUTH_OK);
    return json;
}

static void test_commas_go_between_members_only(void **state)
{
    istauth_str items[] = { ISTAUTH_STR_INIT("x"), ISTAUTH_STR_INIT("y") };
    istauth_str_list list = { items, 2 }, none = { NULL, 0 };
    istauth__json j = istauth__json_in(arena_of(state));
    istauth_str json;

    istauth__json_open(&j, NULL, '{');
    istauth__json_optional(&j, "out", ISTAUTH_STR(""));
    istauth__json_str(&j, "a", ISTAUTH_STR(""));
    istauth__json_open(&j, "o", '{');
    istauth__json_close(&j, '}');
    istauth__json_open(&j, "l", '[');
    istauth__json_int(&j, NULL, 1);
    istauth__json_bool(&j, NULL, false);
    istauth__json_open(&j, NULL, '[');
    istauth__json_close(&j, ']');
    istauth__json_close(&j, ']');
    istauth__json_words(&j, "w", ISTAUTH_STR("mcp mcp:read"));
    istauth__json_words(&j, "out", ISTAUTH_STR(""));
    istauth__json_list(&j, "i", list);
    istauth__json_list(&j, "out", none);
    istauth__json_bool(&j, "t", true);
    istauth__json_close(&j, '}');
    assert_int_equal(istauth__buf_done(&json, &j.buf), ISTAUTH_OK);
    assert_says(json, "{\"a\":\"\",\"o\":{},\"l\":[1,false,[]],\"w\":[\"mcp\",\"mcp:read\"],"
                      "\"i\":[\"x\",\"y\"],\"t\":true}");
}

static void test_tk_19_integers_are_printed_in_full(void **state)
{
    istauth__json j = istauth__json_in(arena_of(state));
    istauth_str json;

    istauth__json_open(&j, NULL, '[');
    istauth__json_int(&j, NULL, 3600);
    istauth__json_int(&j, NULL, INT64_C(2147483648));
    istauth__json_int(&j, NULL, INT64_C(9007199254740993)); /* no double holds it */
    istauth__json_int(&j, NULL, -1);
    istauth__json_close(&j, ']');
    assert_int_equal(istauth__buf_done(&json, &j.buf), ISTAUTH_OK);
    assert_says(json, "[3600,2147483648,9007199254740993,-1]");
}

static void test_ht_18_known_escapes(void **state)
{
    static const struct {
        istauth_str in;
        const char *out;
    } rows[] = {
        { ISTAUTH_STR_INIT("plain /'`"), "{\"a\":\"plain /'`\"}" },
        { ISTAUTH_STR_INIT("\"\\"), "{\"a\":\"\\\"\\\\\"}" },
        { ISTAUTH_STR_INIT("\0\b\n\r\t\x1F\x7F"),
          "{\"a\":\"\\u0000\\u0008\\u000a\\u000d\\u0009\\u001f\\u007f\"}" },
        { ISTAUTH_STR_INIT("</script>&"), "{\"a\":\"\\u003c/script\\u003e\\u0026\"}" },
        { ISTAUTH_STR_INIT("\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA"),
          "{\"a\":\"\\u2028\\u2029\xE2\x80\xAA\"}" },
        { ISTAUTH_STR_INIT("\xC3\xA9\xF0\x9F\x9A\x80"), "{\"a\":\"\xC3\xA9\xF0\x9F\x9A\x80\"}" },
        { ISTAUTH_STR_INIT("\xC3(\xFF\xED\xA0\x80"),
          "{\"a\":\"\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}" },
        { ISTAUTH_STR_INIT("\xF0\x9F\x9A"), "{\"a\":\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_str copy = exact(rows[i].in);

        assert_says(text_as_json(state, copy), rows[i].out);
        exact_free(copy);
    }
}

static void test_ht_18_random_bytes_always_give_valid_json(void **state)
{
    uint32_t seed = 18;

    for (int round = 0; round < 20000; round++) {
        char bytes[40];
        size_t n = next_random(&seed) % sizeof(bytes);
        istauth_str in, json;
        cJSON *parsed;

        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)(next_random(&seed) >> 9);
        in = exact((istauth_str){ bytes, n });
        json = text_as_json(state, in);
        assert_true(istauth__utf8_is_valid(json));
        for (size_t i = 0; i < json.n; i++)
            assert_true((unsigned char)json.p[i] >= 0x20 && !strchr("<>&\x7F", json.p[i]));
        parsed = cJSON_ParseWithLengthOpts(json.p, json.n + 1, NULL, true);
        assert_non_null(parsed);
        if (istauth__utf8_is_valid(in)) {
            istauth_str back = istauth_str_of(cJSON_GetObjectItem(parsed, "a")->valuestring);

            assert_true(istauth_str_equal(back, in));
        }
        cJSON_Delete(parsed);
        exact_free(in);
        istauth_arena_wipe(arena_of(state));
    }
}

static istauth_status parse(void **state, istauth_str text)
{
    istauth_str copy = exact(text);
    cJSON *object = NULL;
    istauth_status st = istauth__json_parse(&object, arena_of(state), copy);

    exact_free(copy);
    assert_int_equal(object != NULL, st == ISTAUTH_OK);
    istauth__json_free(object);
    return st;
}

static void all_are(void **state, const char *const *texts, size_t count, istauth_status wanted)
{
    for (size_t i = 0; i < count; i++)
        if (parse(state, istauth_str_of(texts[i])) != wanted)
            fail_msg("%s", texts[i]);
}

#define REFUSED(...)                                                             \
    do {                                                                         \
        static const char *const texts_[] = { __VA_ARGS__ };                     \
        all_are(state, texts_, COUNT(texts_), ISTAUTH_E_INVALID_REQUEST);        \
    } while (0)
#define TAKEN(...)                                                               \
    do {                                                                         \
        static const char *const texts_[] = { __VA_ARGS__ };                     \
        all_are(state, texts_, COUNT(texts_), ISTAUTH_OK);                       \
    } while (0)

static void test_dc_12_repeated_names_are_refused_at_every_level(void **state)
{
    REFUSED("{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":1,\"\\u0061\":2}",
            "{\"x\":{\"a\":1,\"a\":2}}", "{\"x\":[{\"a\":1,\"a\":2}]}", "{\"\":1,\"\":2}");
    TAKEN("{\"a\":1,\"A\":1}", "{\"a\":{\"a\":{\"a\":1}}}", "{\"x\":[{\"a\":1},{\"a\":2}]}", "{}",
          " \t\r\n{ \"a\" : [ ] } \n");
}

static void test_dc_14_nul_is_refused_escaped_or_raw(void **state)
{
    REFUSED("{\"a\":\"\\u0000\"}", "{\"\\u0000\":1}", "{\"a\":\"x\\u0000y\"}", "{\"a\":[\"\\u0000\"]}");
    assert_int_equal(parse(state, ISTAUTH_STR("{\"a\":\"\0\"}")), ISTAUTH_E_INVALID_REQUEST);
    assert_int_equal(parse(state, ISTAUTH_STR("{}\0")), ISTAUTH_E_INVALID_REQUEST);
    assert_int_equal(parse(state, ISTAUTH_STR("{}\0}")), ISTAUTH_E_INVALID_REQUEST);
    TAKEN("{\"a\":\"\\\\u0000\"}", "{\"a\":\"\\u0001\"}");
}

static void test_dc_15_depth_is_limited_to_16(void **state)
{
    static const char *const pairs[][2] = { { "[", "]" }, { "{\"a\":", "}" } };

    for (size_t kind = 0; kind < COUNT(pairs); kind++) {
        for (int depth = 15; depth <= 16; depth++) { /* and the object around it */
            istauth__buf b = istauth__buf_in(arena_of(state));
            istauth_str text;

            istauth__buf_text(&b, "{\"x\":");
            for (int i = 0; i < depth; i++)
                istauth__buf_text(&b, pairs[kind][0]);
            istauth__buf_text(&b, "1");
            for (int i = 0; i < depth; i++)
                istauth__buf_text(&b, pairs[kind][1]);
            istauth__buf_text(&b, "}");
            assert_int_equal(istauth__buf_done(&text, &b), ISTAUTH_OK);
            assert_int_equal(parse(state, text), depth == 15 ? ISTAUTH_OK : ISTAUTH_E_INVALID_REQUEST);
        }
    }
    assert_int_equal(parse(state, repeated(arena_of(state), '[', 100000)), ISTAUTH_E_INVALID_REQUEST);
    assert_int_equal(parse(state, repeated(arena_of(state), '{', 100000)), ISTAUTH_E_INVALID_REQUEST);
    TAKEN("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[{{{{{{{{{{{{{{{{{{\"}", "{\"a\":[[],[],[],[],[],[],[],[],[],[],[],"
          "[],[],[],[],[],[],[],[],[]]}");
}

static void test_dc_16_huge_numbers_are_harmless(void **state)
{
    istauth_str digits = repeated(arena_of(state), '9', 400);

    TAKEN("{\"a\":1e999}", "{\"a\":-0}", "{\"a\":-1e-999}", "{\"a\":1.5}", "{\"a\":123456789012345678901}");
    REFUSED("{\"a\":1e}", "{\"a\":--1}", "{\"a\":0x10}", "{\"a\":NaN}", "{\"a\":Infinity}");
    (void)parse(state, joined(arena_of(state), "{\"a\":", digits.p, "}", NULL)); /* refused or taken */
}

static void test_dc_17_every_prefix_is_refused_without_over_reading(void **state)
{
    static const char *const whole[] = {
        "{\"a\":\"\\u00e9\\ud83d\\ude80\\n\xC3\xA9\",\"b\":[1,-2.5e3,true,false,null,{}],\"c\":{\"d\":\"\"}}",
        "{\"1\":1,\"redirect_uris\":[\"https://c.ex/cb\"]}",
    };

    for (size_t i = 0; i < COUNT(whole); i++) {
        istauth_str text = istauth_str_of(whole[i]);

        assert_int_equal(parse(state, text), ISTAUTH_OK);
        for (size_t n = 0; n < text.n; n++)
            assert_int_equal(parse(state, (istauth_str){ text.p, n }), ISTAUTH_E_INVALID_REQUEST);
    }
    REFUSED("{\"1\":1,", "{\"a", "{\"a\\", "{\"a\\u", "{\"a\\u00", "{\"a\\ud83d", "{\"a\\ud83d\\", "{\"a\\ud83d\\u");
}

static void test_dc_19_only_objects_are_taken(void **state)
{
    REFUSED("", " ", "null", "true", "1", "\"x\"", "[]", "[{}]", "{} {}", "{}x", "{},", "}", "]", "{]", "{\"a\"}",
            "{\"a\":}", "{a:1}", "{\"a\":1,}", "{,}", "{\"a\":[1,]}", "// {}\n{}", "{\"a\":'x'}");
}

static void test_dc_20_text_is_strict_utf8(void **state)
{
    REFUSED("{\"a\":\"\xC0\xAF\"}", "{\"a\":\"\xE0\x80\xAF\"}", "{\"a\":\"\xED\xA0\x80\"}", "{\"a\":\"\x80\"}",
            "{\"\xFF\":1}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\\ud800\\ud800\"}",
            "{\"a\":\"\\ud800x\"}", "{\"a\":\"\\ud800\\n\"}", "{\"a\":\"\\uD83D\\u0041\"}", "{\"a\":\"\\u12g4\"}",
            "{\"a\":\"\\q\"}", "{\"a\":\"\n\"}", "{\"a\":\"\t\"}", "{\"a\":\"\x1F\"}", "\xEF\xBB\xBF{}x");
    TAKEN("{\"a\":\"\\ud83d\\ude80\"}", "{\"a\":\"\\uD83D\\uDE80\"}", "{\"a\":\"\\n\\t\\\"\\\\\\/\\b\\f\\r\"}");
}

static void test_members_are_limited_to_256(void **state)
{
    for (int count = 256; count <= 257; count++) {
        istauth__json j = istauth__json_in(arena_of(state));
        istauth_str json;

        istauth__json_open(&j, NULL, '{');
        for (int i = 0; i < count; i++) {
            char name[16];

            snprintf(name, sizeof(name), "m%d", i);
            istauth__json_int(&j, name, i);
        }
        istauth__json_close(&j, '}');
        assert_int_equal(istauth__buf_done(&json, &j.buf), ISTAUTH_OK);
        assert_int_equal(parse(state, json), count == 256 ? ISTAUTH_OK : ISTAUTH_E_INVALID_REQUEST);
    }
}

static void test_dc_17_random_documents_never_break_the_reader(void **state)
{
    static const char alphabet[] = "{}[]\":,\\u0019ade. -\xC3\xA9\0";
    uint32_t seed = 17;

    for (int round = 0; round < 20000; round++) {
        char bytes[32] = "{\"";
        size_t n = 2 + next_random(&seed) % (sizeof(bytes) - 2);
        istauth_status st;

        for (size_t i = 2; i < n; i++)
            bytes[i] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
        st = parse(state, (istauth_str){ bytes, n });
        assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_INVALID_REQUEST);
        if (round % 100 == 0)
            istauth_arena_wipe(arena_of(state));
    }
}

static void test_members_are_read_by_type(void **state)
{
    istauth_str body = ISTAUTH_STR("{\"s\":\"text\",\"n\":null,\"i\":1,\"e\":\"\",\"l\":[\"x\",\"y\"],"
                                   "\"none\":[],\"mixed\":[\"x\",1],\"S\":\"other\"}");
    istauth_str out = ISTAUTH_STR("untouched");
    istauth_str_list list = { NULL, 42 };
    bool present;
    cJSON *o;

    assert_int_equal(istauth__json_parse(&o, arena_of(state), body), ISTAUTH_OK);
    assert_int_equal(istauth__json_get_str(&out, arena_of(state), o, "i"), ISTAUTH_E_INVALID_REQUEST);
    assert_int_equal(istauth__json_get_str(&out, arena_of(state), o, "l"), ISTAUTH_E_INVALID_REQUEST);
    assert_says(out, "untouched");
    assert_int_equal(istauth__json_get_str(&out, arena_of(state), o, "n"), ISTAUTH_OK);
    assert_int_equal(out.n, 0);
    assert_int_equal(istauth__json_get_str(&out, arena_of(state), o, "s"), ISTAUTH_OK);
    assert_says(out, "text");

    assert_int_equal(istauth__json_get_list(&list, &present, arena_of(state), o, "mixed"),
                     ISTAUTH_E_INVALID_REQUEST);
    assert_int_equal(istauth__json_get_list(&list, &present, arena_of(state), o, "s"),
                     ISTAUTH_E_INVALID_REQUEST);
    assert_int_equal(list.count, 42);
    assert_int_equal(istauth__json_get_list(&list, &present, arena_of(state), o, "none"), ISTAUTH_OK);
    assert_true(present && list.count == 0);
    assert_int_equal(istauth__json_get_list(&list, &present, arena_of(state), o, "absent"), ISTAUTH_OK);
    assert_true(!present && list.count == 0);
    assert_int_equal(istauth__json_get_list(&list, &present, arena_of(state), o, "n"), ISTAUTH_OK);
    assert_true(!present && list.count == 0);
    assert_int_equal(istauth__json_get_list(&list, &present, arena_of(state), o, "l"), ISTAUTH_OK);
    assert_int_equal(list.count, 2);
    istauth__json_free(o); /* what was read is a copy */
    assert_says(list.items[1], "y");
    assert_says(out, "text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_commas_go_between_members_only),
        with_arena(test_tk_19_integers_are_printed_in_full),
        with_arena(test_ht_18_known_escapes),
        with_arena(test_ht_18_random_bytes_always_give_valid_json),
        with_arena(test_dc_12_repeated_names_are_refused_at_every_level),
        with_arena(test_dc_14_nul_is_refused_escaped_or_raw),
        with_arena(test_dc_15_depth_is_limited_to_16),
        with_arena(test_dc_16_huge_numbers_are_harmless),
        with_arena(test_dc_17_every_prefix_is_refused_without_over_reading),
        with_arena(test_dc_19_only_objects_are_taken),
        with_arena(test_dc_20_text_is_strict_utf8),
        with_arena(test_members_are_limited_to_256),
        with_arena(test_dc_17_random_documents_never_break_the_reader),
        with_arena(test_members_are_read_by_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
