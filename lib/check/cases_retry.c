/* S-12: one answer is kept for a retry, the last. */
#include "check/cases_i.h"
#include "check/race_i.h"

#include <stdio.h>

static void an_app(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
}

/* What rotating into number n leaves. */
static istauth_str kept_for(store_world *w, unsigned n)
{
    char *text = istauth_arena_alloc(&w->arena, 32);

    assert_non_null(text);
    snprintf(text, 32, "answer %u", n);
    return istauth_str_of(text);
}

static void have_rotated(store_world *w, unsigned old, unsigned tokens)
{
    assert_status(rotate_keeping(w, old, tokens, kept_for(w, tokens)), ISTAUTH_OK);
}

static istauth_status retry_of(store_world *w, istauth_key key)
{
    istauth_retry r;

    return CALL(w, retry_get, &key, &w->arena, &r);
}

static void assert_kept(store_world *w, unsigned old, istauth_str want)
{
    istauth_key key = refresh_key(old);
    istauth_retry r;

    assert_status(CALL(w, retry_get, &key, &w->arena, &r), ISTAUTH_OK);
    assert_true(istauth_str_equal(r.sealed, want));
    assert_int_equal(r.expires_at, T0 + RETRY_TTL);
}

static void assert_none(store_world *w, unsigned old)
{
    assert_status(retry_of(w, refresh_key(old)), ISTAUTH_E_NOT_FOUND);
}

static void what_was_kept_is_given_back_byte_for_byte(store_world *w)
{
    const size_t sizes[] = { 1, 0, 256, 65536 };
    unsigned char *bytes = istauth_arena_alloc(&w->arena, 65536);

    assert_non_null(bytes);
    for (size_t i = 0; i < 65536; i++)
        bytes[i] = (unsigned char)(i ^ i >> 8); /* zero first */
    an_app(w);
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        istauth_str sealed = { (const char *)bytes, sizes[i] };

        assert_status(rotate_keeping(w, i + 1, i + 2, sealed), ISTAUTH_OK);
        assert_kept(w, i + 1, sealed);
        assert_kept(w, i + 1, sealed); /* as often as it is asked for */
    }
}

static void it_is_for_the_token_spent_last(store_world *w)
{
    an_app(w);
    have_app(w, 5, "ada", "app");
    have_rotated(w, 1, 2);
    have_rotated(w, 5, 6); /* another family keeps its own */
    have_rotated(w, 2, 3);
    assert_none(w, 1);
    assert_kept(w, 2, kept_for(w, 3));
    assert_kept(w, 5, kept_for(w, 6));
    assert_none(w, 3);
}

static void no_other_key_gives_it(store_world *w)
{
    an_app(w);
    have_personal(w, 4, "ada");
    have_rotated(w, 1, 2);
    assert_none(w, 2);
    assert_none(w, 9);
    assert_status(retry_of(w, access_key(1)), ISTAUTH_E_NOT_FOUND);
    assert_status(retry_of(w, access_key(2)), ISTAUTH_E_NOT_FOUND);
    assert_status(retry_of(w, code_key(1)), ISTAUTH_E_NOT_FOUND);
    assert_status(retry_of(w, personal_key(4)), ISTAUTH_E_NOT_FOUND);
    assert_kept(w, 1, kept_for(w, 2));
}

static void without_an_answer_none_is_kept(store_world *w)
{
    an_app(w);
    assert_status(rotate(w, 1, 2), ISTAUTH_OK);
    assert_none(w, 1);
    have_rotated(w, 2, 3);
    assert_status(rotate(w, 3, 4), ISTAUTH_OK); /* nor the one before any longer */
    assert_none(w, 2);
    assert_none(w, 3);
}

static void it_is_gone_once_the_successor_is_revoked(store_world *w)
{
    istauth_key successor = refresh_key(2);

    an_app(w);
    have_rotated(w, 1, 2);
    assert_status(CALL(w, token_revoke, &successor, T0), ISTAUTH_OK);
    assert_none(w, 1);
}

/* An access token that was handed back says nothing of the refresh token beside it. */
static void revoking_the_access_token_leaves_it(store_world *w)
{
    istauth_key access = access_key(2);

    an_app(w);
    have_rotated(w, 1, 2);
    assert_status(CALL(w, token_revoke, &access, T0), ISTAUTH_OK);
    assert_kept(w, 1, kept_for(w, 2));
}

/* --- whatever ends the grant --- */

static void by_grant(store_world *w)
{
    istauth_id id = id_of(1);

    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
}

static void by_app(store_world *w)
{
    const istauth_str app = ISTAUTH_STR("app");
    const istauth_str_list apps = { &app, 1 };
    size_t count;

    assert_status(CALL(w, app_disconnect, ISTAUTH_STR("ada"), apps, T0, &count), ISTAUTH_OK);
}

static void by_subject(store_world *w)
{
    size_t count;

    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &count), ISTAUTH_OK);
}

static void by_client(store_world *w)
{
    assert_status(CALL(w, client_delete, ISTAUTH_STR("app"), T0), ISTAUTH_OK);
}

static void by_workspaces(store_world *w)
{
    const istauth_str lost[] = { ISTAUTH_STR("ws_a"), ISTAUTH_STR("ws_b") };
    size_t count;

    for (unsigned i = 0; i < 2; i++)
        assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), lost[i], T0, &count),
                      ISTAUTH_OK);
}

static void it_is_gone_once_the_grant_is_revoked(store_world *w)
{
    static void (*const ends[])(store_world *) = { by_grant, by_app, by_subject, by_client,
                                                   by_workspaces };

    for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        an_app(w);
        have_rotated(w, 1, 2);
        assert_kept(w, 1, kept_for(w, 2));
        ends[i](w);
        assert_none(w, 1);
        store_world_close(w);
        store_world_open(w);
    }
}

/* --- its end --- */

/* S-7: the server judges that, not the store. */
static void an_expired_one_is_given_all_the_same(store_world *w)
{
    const istauth_retry retry = { ISTAUTH_STR("old"), 1 };
    istauth_key key = refresh_key(1);
    istauth_retry got;
    pair p = pair_of(2);

    an_app(w);
    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), &retry, T0), ISTAUTH_OK);
    assert_status(CALL(w, retry_get, &key, &w->arena, &got), ISTAUTH_OK);
    assert_int_equal(got.expires_at, 1);
}

static void purge_takes_it_when_it_expires(store_world *w)
{
    an_app(w);
    have_rotated(w, 1, 2);
    assert_int_equal(purge_all(w, bounds_at(T0 + RETRY_TTL - 1)), 0);
    assert_kept(w, 1, kept_for(w, 2));
    assert_int_equal(purge_all(w, bounds_at(T0 + RETRY_TTL)), 1);
    assert_none(w, 1);
    assert_true(is_live(w, refresh_key(2)));
    assert_refused(rotate(w, 1, 3));
}

/* A client that is given no refresh token loses answers, too. */
static void it_is_kept_beside_an_access_token_alone(store_world *w)
{
    const istauth_retry retry = { ISTAUTH_STR("alone"), T0 + RETRY_TTL };
    istauth_key key = refresh_key(1);
    pair p = pair_of(2);
    istauth_token_list one = { p.items, 1 };

    an_app(w);
    assert_status(CALL(w, refresh_rotate, &key, one, &retry, T0), ISTAUTH_OK);
    assert_kept(w, 1, retry.sealed);
    by_grant(w);
    assert_none(w, 1);
}

static void a_rotation_that_fails_leaves_the_one_before(store_world *w)
{
    istauth_key key = refresh_key(2);
    const istauth_retry retry = { ISTAUTH_STR("never"), T0 };
    pair p = pair_of(3);

    an_app(w);
    have_rotated(w, 1, 2);
    p.items[1].key = access_key(1);
    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), &retry, T0), ISTAUTH_E_EXISTS);
    assert_refused(rotate_keeping(w, 1, 3, retry.sealed));
    assert_kept(w, 1, kept_for(w, 2));
    assert_none(w, 2);
}

/* --- at once --- */

static void a_new_app(store_world *w, unsigned round)
{
    (void)round;
    have_app(w, 1, "ada", "app");
}

static void a_client(store_world *w)
{
    have_client(w, "app");
}

/* Racer 0 reads; it has what someone kept, whole, or nothing. */
static istauth_status read_it(store_world *w)
{
    istauth_key key = refresh_key(1);
    char buffer[256];
    istauth_arena arena;
    istauth_retry r;
    istauth_status st;

    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, ISTAUTH_ARENA_CAP);
    st = CALL(w, retry_get, &key, &arena, &r);
    if (!st && (r.sealed.n < 3 || r.sealed.p[0] != 'r' || r.sealed.p[r.sealed.n - 1] != '.'))
        st = ISTAUTH_E_INTERNAL;
    istauth_arena_wipe(&arena);
    return st;
}

static istauth_status read_or_rotate(store_world *w, unsigned round, unsigned racer)
{
    char text[32];

    if (!racer)
        return read_it(w);
    snprintf(text, sizeof(text), "r%u.", racer);
    return rotate_keeping(w, 1, (round + 1) * 100 + racer, istauth_str_of(text));
}

static void the_winners_answer_is_kept(const race *r, unsigned round)
{
    char text[32] = "";

    (void)round;
    if (r->answers[0])
        assert_status(r->answers[0], ISTAUTH_E_NOT_FOUND);
    for (unsigned i = 1; i < r->racers; i++)
        if (!r->answers[i])
            snprintf(text, sizeof(text), "r%u.", i);
    assert_kept(r->w, 1, istauth_str_of(text));
    purge_all(r->w, bounds_at(INT64_MAX));
}

static const contest keepers = { 0, a_client, a_new_app, read_or_rotate,
                                 the_winners_answer_is_kept };

static void of_n_rotations_the_winners_is_kept(store_world *w)
{
    race_threads(w, &keepers);
}

static void of_n_processes_the_winners_is_kept(store_world *w)
{
    race_processes(w, &keepers);
}

static const check_case cases[] = {
    CASE("S-12", what_was_kept_is_given_back_byte_for_byte),
    CASE("S-12", it_is_for_the_token_spent_last),
    CASE("S-12", no_other_key_gives_it),
    CASE("S-12", without_an_answer_none_is_kept),
    CASE("S-12", it_is_gone_once_the_successor_is_revoked),
    CASE("S-12", revoking_the_access_token_leaves_it),
    CASE("S-12", it_is_gone_once_the_grant_is_revoked),
    CASE("S-12 S-7", an_expired_one_is_given_all_the_same),
    CASE("S-12 S-13", purge_takes_it_when_it_expires),
    CASE("S-12", it_is_kept_beside_an_access_token_alone),
    CASE("S-12 S-4", a_rotation_that_fails_leaves_the_one_before),
    CASE("S-12 S-1", of_n_rotations_the_winners_is_kept),
    PROCESS_CASE("S-12 S-1 S-11", of_n_processes_the_winners_is_kept),
};

const check_cases check_retry_cases = CASE_LIST(cases);
