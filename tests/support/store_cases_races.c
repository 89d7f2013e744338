/* S-1, S-3 and S-11 with real threads. cmocka may fail in the main thread only: threads note what
 * they saw, and the test judges it when they are gone. */
#include "support/store_cases_i.h"

#include <pthread.h>
#include <stdatomic.h>

#define RACERS 4
#define ROUNDS 2000
#define REVOKE_ROUNDS 10000
#define CHAIN 8 /* rotations that one round of a race against revocation tries */

typedef struct race {
    store_world *w;
    pthread_barrier_t start, end;
    unsigned rounds;
    istauth_status answers[RACERS];
    istauth_status (*step)(store_world *w, unsigned round, unsigned racer);
} race;

struct racer {
    race *r;
    unsigned number;
    pthread_t thread;
};

static void *run(void *arg)
{
    struct racer *me = arg;

    for (unsigned round = 0; round < me->r->rounds; round++) {
        pthread_barrier_wait(&me->r->start);
        me->r->answers[me->number] = me->r->step(me->r->w, round, me->number);
        pthread_barrier_wait(&me->r->end);
    }
    return NULL;
}

/* Each round: `prepare`, then every racer's step at once, then `judge`. */
static void hold(race *r, unsigned racers, void (*prepare)(store_world *, unsigned),
                 void (*judge)(race *, unsigned))
{
    struct racer all[RACERS];

    pthread_barrier_init(&r->start, NULL, racers + 1);
    pthread_barrier_init(&r->end, NULL, racers + 1);
    for (unsigned i = 0; i < racers; i++) {
        all[i].r = r;
        all[i].number = i;
        assert_int_equal(pthread_create(&all[i].thread, NULL, run, &all[i]), 0);
    }
    for (unsigned round = 0; round < r->rounds; round++) {
        prepare(r->w, round);
        pthread_barrier_wait(&r->start);
        pthread_barrier_wait(&r->end);
        judge(r, round);
        istauth_arena_wipe(&r->w->arena);
    }
    for (unsigned i = 0; i < racers; i++)
        pthread_join(all[i].thread, NULL);
    pthread_barrier_destroy(&r->start);
    pthread_barrier_destroy(&r->end);
}

/* Of all answers one is OK and the others are `loser`: the winner's number. */
static unsigned winner_of(const race *r, istauth_status loser)
{
    unsigned winner = RACERS;

    for (unsigned i = 0; i < RACERS; i++) {
        if (r->answers[i]) {
            assert_status(r->answers[i], loser);
            continue;
        }
        assert_int_equal(winner, RACERS);
        winner = i;
    }
    assert_true(winner < RACERS);
    return winner;
}

static bool exists(store_world *w, istauth_key key)
{
    istauth_token_entry e;
    istauth_status st = CALL(w, token_get, &key, &w->arena, &e);

    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NOT_FOUND);
    return !st;
}

static void only_the_winners_tokens_exist(race *r, unsigned round)
{
    unsigned winner = winner_of(r, ISTAUTH_E_SPENT);

    for (unsigned i = 0; i < RACERS; i++) {
        unsigned n = (round + 1) * 10 + i;

        assert_int_equal(exists(r->w, access_key(n)), i == winner);
        assert_int_equal(exists(r->w, refresh_key(n)), i == winner);
    }
    purge_all(r->w, bounds_at(INT64_MAX));
}

static void a_code(store_world *w, unsigned round)
{
    (void)round;
    have_code(w, 1, "ada", "app");
}

static istauth_status redeem_it(store_world *w, unsigned round, unsigned racer)
{
    return redeem(w, 1, (round + 1) * 10 + racer);
}

static void test_s_1_one_of_n_redemptions_wins(void **state)
{
    race r = { .w = *state, .rounds = ROUNDS, .step = redeem_it };

    have_client(*state, "app");
    hold(&r, RACERS, a_code, only_the_winners_tokens_exist);
}

static void an_app(store_world *w, unsigned round)
{
    (void)round;
    have_app(w, 1, "ada", "app");
}

static istauth_status rotate_it(store_world *w, unsigned round, unsigned racer)
{
    return rotate(w, 1, (round + 1) * 10 + racer);
}

static void test_s_1_one_of_n_rotations_wins(void **state)
{
    race r = { .w = *state, .rounds = ROUNDS, .step = rotate_it };

    have_client(*state, "app");
    hold(&r, RACERS, an_app, only_the_winners_tokens_exist);
}

static void nothing(store_world *w, unsigned round)
{
    (void)w;
    (void)round;
}

static istauth_status claim_it(store_world *w, unsigned round, unsigned racer)
{
    istauth_key key = code_key(round);

    (void)racer;
    return CALL(w, nonce_claim, &key, T0);
}

static void one_claimed(race *r, unsigned round)
{
    (void)round;
    (void)winner_of(r, ISTAUTH_E_EXISTS);
}

static void test_s_1_one_of_n_claims_wins(void **state)
{
    race r = { .w = *state, .rounds = ROUNDS, .step = claim_it };

    hold(&r, RACERS, nothing, one_claimed);
}

static istauth_status put_client_it(store_world *w, unsigned round, unsigned racer)
{
    istauth_client c = client_of(racer % 2 ? "b" : "a");

    (void)round;
    return racer < 2 ? CALL(w, client_put, &c) : CALL(w, client_delete, c.client_id, T0);
}

static void no_racer_broke(race *r, unsigned round)
{
    (void)round;
    for (unsigned i = 0; i < RACERS; i++)
        if (r->answers[i])
            assert_status(r->answers[i], i < 2 ? ISTAUTH_E_EXISTS : ISTAUTH_E_NOT_FOUND);
}

static void test_s_11_registering_and_deleting_at_once(void **state)
{
    race r = { .w = *state, .rounds = ROUNDS, .step = put_client_it };

    hold(&r, RACERS, nothing, no_racer_broke);
}

/* --- revocation against what would bring tokens to life --- */

/* Racer 0 rotates its family as long as it can; racer 1 ends it. */
static istauth_status rotate_on(store_world *w, unsigned round)
{
    unsigned n = round * 10 + 10;
    istauth_status st = ISTAUTH_OK;

    for (unsigned i = 0; !st && i < CHAIN; i++)
        st = rotate(w, i ? n + i - 1 : 1, n + i);
    return st;
}

static istauth_status disconnect(store_world *w)
{
    const istauth_str id = ISTAUTH_STR("app");
    const istauth_str_list ids = { &id, 1 };
    size_t count;
    istauth_status st = CALL(w, app_disconnect, ISTAUTH_STR("ada"), ids, T0, &count);

    return !st && count != 1 ? ISTAUTH_E_INTERNAL : st;
}

static istauth_status revoke(store_world *w)
{
    istauth_id id = id_of(1);

    return CALL(w, grant_revoke, &id, T0);
}

static istauth_status rotate_or_disconnect(store_world *w, unsigned round, unsigned racer)
{
    return racer ? disconnect(w) : rotate_on(w, round);
}

static istauth_status redeem_or_revoke(store_world *w, unsigned round, unsigned racer)
{
    return racer ? revoke(w) : redeem(w, 1, round * 10 + 10);
}

/* Whatever was issued, before, during or after: none of it lives, and none ever will. */
static void nothing_lives(race *r, unsigned round)
{
    unsigned n = round * 10 + 10;

    assert_status(r->answers[1], ISTAUTH_OK);
    if (r->answers[0])
        assert_status(r->answers[0], ISTAUTH_E_REVOKED);
    for (unsigned i = 0; i < CHAIN; i++) {
        assert_false(exists(r->w, access_key(n + i)) && is_live(r->w, access_key(n + i)));
        assert_false(exists(r->w, refresh_key(n + i)) && is_live(r->w, refresh_key(n + i)));
    }
    assert_status(redeem(r->w, 1, n + 9), ISTAUTH_E_REVOKED);
    purge_all(r->w, bounds_at(INT64_MAX));
}

static void test_s_3_rotation_against_disconnect(void **state)
{
    race r = { .w = *state, .rounds = REVOKE_ROUNDS, .step = rotate_or_disconnect };

    have_client(*state, "app");
    hold(&r, 2, an_app, nothing_lives);
}

static void test_s_3_redemption_against_revocation(void **state)
{
    race r = { .w = *state, .rounds = REVOKE_ROUNDS, .step = redeem_or_revoke };

    have_client(*state, "app");
    hold(&r, 2, a_code, nothing_lives);
}

/* --- readers while everything changes --- */

#define FAMILIES 32

typedef struct traffic {
    store_world *w;
    atomic_bool over;
    atomic_uint reads, found, wrong;
} traffic;

/* What token_get may show of family n, at any moment. */
static bool is_sound(const istauth_token_entry *e, const istauth_key *key, unsigned n)
{
    return memcmp(&e->token.key, key, sizeof(*key)) == 0 &&
           strcmp(e->grant.id.text, id_of(n).text) == 0 &&
           istauth_str_equal(e->grant.subject, ISTAUTH_STR("ada")) &&
           istauth_str_equal(e->grant.resource, ISTAUTH_STR("https://is.example/mcp")) &&
           e->grant.workspaces.count <= 2 && !e->grant.pending &&
           (e->grant.workspaces.count || e->grant.revoked) && e->grant.issued_at == T0;
}

static void *read_on(void *arg)
{
    traffic *t = arg;
    char buffer[4096];
    istauth_arena arena;

    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, 0);
    for (unsigned i = 0; !atomic_load(&t->over); i++) {
        unsigned n = i % FAMILIES;
        istauth_key key = i & 64 ? access_key(n) : refresh_key(n);
        istauth_token_entry e;
        istauth_status st = CALL(t->w, token_get, &key, &arena, &e);

        if (st ? st != ISTAUTH_E_NOT_FOUND : !is_sound(&e, &key, n))
            atomic_fetch_add(&t->wrong, 1);
        atomic_fetch_add(&t->found, !st);
        atomic_fetch_add(&t->reads, 1);
        istauth_arena_wipe(&arena);
    }
    return NULL;
}

/* Every way in which a token comes and goes. */
static void live_and_die(store_world *w, unsigned n, unsigned turn)
{
    istauth_id id = id_of(n);
    size_t count;

    have_app(w, n, "ada", "app");
    assert_true(is_live(w, access_key(n)));
    assert_status(rotate(w, n, n + 1000), ISTAUTH_OK);
    if (turn % 8 == 0)
        assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0,
                           &count), ISTAUTH_OK);
    if (turn % 16 == 0)
        assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_b"), T0,
                           &count), ISTAUTH_OK);
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
    assert_false(is_live(w, access_key(n)));
    purge_all(w, bounds_at(INT64_MAX));
}

static void test_s_11_readers_see_whole_tokens_while_all_changes(void **state)
{
    traffic t = { .w = *state };
    pthread_t readers[2];

    have_client(*state, "app");
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, &t), 0);
    for (unsigned turn = 0; turn < 20000 || atomic_load(&t.reads) < 1000; turn++) {
        live_and_die(t.w, turn % FAMILIES, turn);
        istauth_arena_wipe(&t.w->arena);
    }
    atomic_store(&t.over, true);
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    assert_int_equal(atomic_load(&t.wrong), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_s_1_one_of_n_redemptions_wins),
    cmocka_unit_test(test_s_1_one_of_n_rotations_wins),
    cmocka_unit_test(test_s_1_one_of_n_claims_wins),
    cmocka_unit_test(test_s_11_registering_and_deleting_at_once),
    cmocka_unit_test(test_s_3_rotation_against_disconnect),
    cmocka_unit_test(test_s_3_redemption_against_revocation),
    cmocka_unit_test(test_s_11_readers_see_whole_tokens_while_all_changes),
};

const case_list store_race_cases = CASE_LIST(tests);
