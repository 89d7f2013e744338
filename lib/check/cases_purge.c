/* What purge may take, to the second, and what it may not. */
#include "check/cases_i.h"

#include <stdio.h>

static bool has_client(store_world *w, const char *client_id)
{
    istauth_client c;
    istauth_status st = CALL(w, client_get, istauth_str_of(client_id), &w->arena, &c);

    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NOT_FOUND);
    return !st;
}

static bool has_code(store_world *w, unsigned n)
{
    istauth_key key = code_key(n);
    istauth_code_entry e;
    istauth_status st = CALL(w, code_get, &key, &w->arena, &e);

    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NOT_FOUND);
    return !st;
}

static bool has_grant(store_world *w, unsigned n)
{
    istauth_id id = id_of(n);
    istauth_status st = CALL(w, grant_touch, &id, 0);

    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NOT_FOUND);
    return !st;
}

static void a_code_goes_when_it_expires_and_its_grant_with_it(store_world *w)
{
    have_client(w, "app");
    have_code(w, 1, "ada", "app");
    assert_int_equal(purge_all(w, bounds_at(T0 + CODE_TTL - 1)), 0);
    assert_true(has_code(w, 1));
    assert_int_equal(purge_all(w, bounds_at(T0 + CODE_TTL)), 1);
    assert_false(has_code(w, 1));
    assert_false(has_grant(w, 1));
    have_code(w, 1, "ada", "app"); /* both names are free again */
}

static void tokens_go_one_by_one_and_the_grant_last(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_int_equal(purge_all(w, bounds_at(T0 + CODE_TTL)), 1); /* the code */
    assert_int_equal(purge_all(w, bounds_at(T0 + ACCESS_TTL - 1)), 0);
    assert_int_equal(purge_all(w, bounds_at(T0 + ACCESS_TTL)), 1);
    assert_false(exists(w, access_key(1)));
    assert_true(is_live(w, refresh_key(1)));
    assert_int_equal(purge_all(w, bounds_at(T0 + REFRESH_TTL - 1)), 0);
    assert_int_equal(purge_all(w, bounds_at(T0 + REFRESH_TTL)), 1);
    assert_false(exists(w, refresh_key(1)));
    assert_false(has_grant(w, 1));
    assert_true(has_client(w, "app"));
}

static void a_revoked_grant_stays_until_its_tokens_expired(store_world *w)
{
    istauth_id id = id_of(1);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
    purge_all(w, bounds_at(T0 + REFRESH_TTL - 1));
    assert_true(token_at(w, refresh_key(1)).grant.revoked);
    purge_all(w, bounds_at(T0 + REFRESH_TTL));
    assert_false(has_grant(w, 1));
}

static void a_personal_token_without_an_end_stays(store_world *w)
{
    istauth_token t = personal_of(2);
    istauth_grant g = personal_grant_of(2, "ada");

    have_personal(w, 1, "ada");
    t.expires_at = T0 + 5;
    assert_status(CALL(w, personal_put, &t, &g), ISTAUTH_OK);
    assert_int_equal(purge_all(w, bounds_at(T0 + 4)), 0);
    assert_int_equal(purge_all(w, bounds_at(T0 + 5)), 1);
    assert_int_equal(purge_all(w, bounds_at(INT64_MAX)), 0);
    assert_true(is_live(w, personal_key(1)));
}

/* Otherwise making and revoking them would fill the store for good. */
static void a_revoked_personal_token_without_an_end_goes(store_world *w)
{
    istauth_key second = personal_key(2);
    istauth_id first = id_of(1);

    have_personal(w, 1, "ada");
    have_personal(w, 2, "ada");
    have_personal(w, 3, "ada");
    assert_status(CALL(w, personal_revoke, ISTAUTH_STR("ada"), &first, T0), ISTAUTH_OK);
    assert_status(CALL(w, token_revoke, &second, T0), ISTAUTH_OK);
    assert_int_equal(purge_all(w, bounds_at(T0)), 2);
    assert_false(exists(w, personal_key(1)));
    assert_false(has_grant(w, 2));
    assert_true(is_live(w, personal_key(3)));
}

static void put_client_at(store_world *w, const char *id, istauth_client_origin origin,
                          istauth_time registered_at, istauth_time used_at)
{
    istauth_client c = client_of(id);

    c.origin = origin;
    c.registered_at = registered_at;
    c.used_at = used_at;
    assert_status(CALL(w, client_put, &c), ISTAUTH_OK);
}

static void unused_and_idle_clients_go_at_their_bounds(store_world *w)
{
    istauth_purge_bounds b = { T0, T0 - 10, T0 - 20, 1000 };

    put_client_at(w, "unused", ISTAUTH_CLIENT_REGISTERED, T0 - 10, 0);
    put_client_at(w, "unused-later", ISTAUTH_CLIENT_REGISTERED, T0 - 9, 0);
    put_client_at(w, "unused-ours", ISTAUTH_CLIENT_PROVISIONED, T0 - 99, 0);
    put_client_at(w, "idle", ISTAUTH_CLIENT_REGISTERED, T0 - 99, T0 - 20);
    put_client_at(w, "idle-later", ISTAUTH_CLIENT_REGISTERED, T0 - 99, T0 - 19);
    put_client_at(w, "idle-ours", ISTAUTH_CLIENT_PROVISIONED, T0 - 99, T0 - 99);
    assert_int_equal(purge_all(w, b), 2);
    assert_false(has_client(w, "unused"));
    assert_false(has_client(w, "idle"));
    assert_true(has_client(w, "unused-later"));
    assert_true(has_client(w, "unused-ours"));
    assert_true(has_client(w, "idle-later"));
    assert_true(has_client(w, "idle-ours"));
}

/* Bounds that spare no client for its age. */
static istauth_purge_bounds greedy(istauth_time now)
{
    istauth_purge_bounds b = { now, INT64_MAX, INT64_MAX, 1000 };

    return b;
}

static void a_client_stays_for_a_live_or_pending_grant(store_world *w)
{
    have_client(w, "app");
    have_client(w, "other");
    have_app(w, 1, "ada", "app");
    have_code(w, 2, "ada", "other");
    assert_int_equal(purge_all(w, greedy(T0)), 0);
    purge_all(w, greedy(T0 + CODE_TTL));
    assert_false(has_client(w, "other"));
    purge_all(w, greedy(T0 + REFRESH_TTL - 1));
    assert_true(has_client(w, "app"));
    purge_all(w, greedy(T0 + REFRESH_TTL));
    assert_false(has_client(w, "app"));
}

/* The grant's tokens have not expired, but nothing of it is live: S-2 keeps them, not their
 * client. */
static void a_client_goes_when_its_grants_are_dead(store_world *w)
{
    istauth_id id = id_of(1);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
    assert_int_equal(purge_all(w, greedy(T0)), 1);
    assert_false(has_client(w, "app"));
    assert_status(rotate(w, 1, 2), ISTAUTH_E_REVOKED);
    assert_true(has_code(w, 1));
    assert_int_equal(purge_all(w, greedy(T0 + REFRESH_TTL)), 3);
}

static void purge_keeps_to_its_limit(store_world *w)
{
    istauth_purge_bounds b = greedy(T0 + REFRESH_TTL);
    size_t removed, all = 0;

    have_client(w, "app");
    for (unsigned n = 0; n < 20; n++) {
        istauth_key nonce = code_key(n);

        have_app(w, n, "ada", "app");
        assert_status(CALL(w, nonce_claim, &nonce, T0), ISTAUTH_OK);
    }
    b.limit = 0;
    assert_status(CALL(w, purge, &b, &removed), ISTAUTH_OK);
    assert_int_equal(removed, 0);
    b.limit = 7;
    do {
        assert_status(CALL(w, purge, &b, &removed), ISTAUTH_OK);
        assert_true(removed <= 7);
        all += removed;
    } while (removed);
    /* code, two tokens and nonce of each, and the client; no grant is left to keep it */
    assert_int_equal(all, 20 * 4 + 1);
}

static void a_limit_of_one_takes_one(store_world *w)
{
    istauth_purge_bounds b = greedy(T0 + REFRESH_TTL);
    size_t removed, all = 0;
    istauth_key nonce = code_key(1);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_code(w, 2, "ada", "app");
    assert_status(rotate_keeping(w, 1, 3, ISTAUTH_STR("kept")), ISTAUTH_OK);
    assert_status(CALL(w, nonce_claim, &nonce, T0), ISTAUTH_OK);
    b.limit = 1;
    for (unsigned call = 0; call < 50; call++) {
        assert_status(CALL(w, purge, &b, &removed), ISTAUTH_OK);
        assert_true(removed <= 1);
        all += removed;
    }
    assert_true(all >= 8); /* two codes, four tokens, a nonce and the client... */
    assert_true(all <= 9); /* ...and the answer, which may have gone with its token */
    assert_false(has_client(w, "app"));
    assert_false(exists(w, refresh_key(3)));
    assert_false(has_grant(w, 1));
}

static void purge_takes_only_what_is_over(store_world *w)
{
    const char *before;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_code(w, 2, "grace", "app");
    have_personal(w, 3, "ada");
    assert_status(rotate(w, 1, 4), ISTAUTH_OK);
    before = snapshot(w);
    assert_int_equal(purge_all(w, greedy(T0 + CODE_TTL - 1)), 0);
    assert_snapshot(w, before);
}

static void register_many(store_world *w, unsigned wave, istauth_time now)
{
    unsigned flood = w->options->flood;

    for (unsigned n = wave * flood; n < (wave + 1) * flood; n++) {
        char id[16];

        snprintf(id, sizeof(id), "flood%u", n);
        put_client_at(w, id, ISTAUTH_CLIENT_REGISTERED, now, 0);
    }
}

/* Wave after wave of registrations that never come to anything; the one that is used stays. */
static void a_flood_of_registrations_does_not_stay(store_world *w)
{
    istauth_purge_bounds b = bounds_at(T0);
    char last[16];

    b.limit = 100;
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    for (unsigned wave = 0; wave < 4; wave++) {
        register_many(w, wave, T0 + wave);
        b.unused_before = T0 + wave - 1;
        assert_int_equal(purge_all(w, b), wave ? w->options->flood : 0);
    }
    snprintf(last, sizeof(last), "flood%u", 3 * w->options->flood);
    assert_false(has_client(w, "flood0"));
    assert_true(has_client(w, last));
    assert_true(has_client(w, "app"));
    assert_true(is_live(w, access_key(1)));
}

static const check_case cases[] = {
    CASE("S-13", a_code_goes_when_it_expires_and_its_grant_with_it),
    CASE("S-13", tokens_go_one_by_one_and_the_grant_last),
    CASE("S-13", a_revoked_grant_stays_until_its_tokens_expired),
    CASE("S-13", a_personal_token_without_an_end_stays),
    CASE("S-13", a_revoked_personal_token_without_an_end_goes),
    CASE("S-13", unused_and_idle_clients_go_at_their_bounds),
    CASE("S-13", a_client_stays_for_a_live_or_pending_grant),
    CASE("S-13", a_client_goes_when_its_grants_are_dead),
    CASE("S-13", purge_keeps_to_its_limit),
    CASE("S-13", a_limit_of_one_takes_one),
    CASE("S-13", purge_takes_only_what_is_over),
    CASE("S-13 DC-29", a_flood_of_registrations_does_not_stay),
};

const check_cases check_purge_cases = CASE_LIST(cases);
