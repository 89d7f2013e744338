/* S-1 and S-3 while several do it at once. */
#include "check/cases_i.h"
#include "check/race_i.h"

#define CHAIN 8 /* rotations that one round of a race against revocation tries */

/* Tokens of a racer in a round: no two numbers meet. */
static unsigned number_of(unsigned round, unsigned racer)
{
    return (round + 1) * 100 + racer;
}

static void a_client(store_world *w)
{
    have_client(w, "app");
}

static void a_code(store_world *w, unsigned round)
{
    (void)round;
    have_code(w, 1, "ada", "app");
}

static void an_app(store_world *w, unsigned round)
{
    (void)round;
    have_app(w, 1, "ada", "app");
}

static void nothing(store_world *w)
{
    (void)w;
}

static void nothing_new(store_world *w, unsigned round)
{
    (void)w;
    (void)round;
}

/* --- one winner --- */

/* Of all answers one is OK and the others are `loser`: the winner's number. */
static unsigned winner_of(const race *r, istauth_status loser)
{
    unsigned winner = r->racers;

    for (unsigned i = 0; i < r->racers; i++) {
        if (r->answers[i]) {
            assert_status(r->answers[i], loser);
            continue;
        }
        if (winner != r->racers)
            FAIL("OK for %u and for %u", winner, i);
        winner = i;
    }
    assert_true(winner < r->racers);
    return winner;
}

static void only_the_winners_tokens_exist(const race *r, unsigned round)
{
    unsigned winner = winner_of(r, ISTAUTH_E_SPENT);

    for (unsigned i = 0; i < r->racers; i++) {
        unsigned n = number_of(round, i);

        assert_true(exists(r->w, access_key(n)) == (i == winner));
        assert_true(exists(r->w, refresh_key(n)) == (i == winner));
    }
    purge_all(r->w, bounds_at(INT64_MAX));
}

static istauth_status redeem_it(store_world *w, unsigned round, unsigned racer)
{
    return redeem(w, 1, number_of(round, racer));
}

static const contest redemptions = { 0, a_client, a_code, redeem_it,
                                     only_the_winners_tokens_exist };

static void one_of_n_redemptions_wins(store_world *w)
{
    race_threads(w, &redemptions);
}

static istauth_status rotate_it(store_world *w, unsigned round, unsigned racer)
{
    return rotate(w, 1, number_of(round, racer));
}

static const contest rotations = { 0, a_client, an_app, rotate_it, only_the_winners_tokens_exist };

static void one_of_n_rotations_wins(store_world *w)
{
    race_threads(w, &rotations);
}

static istauth_status claim_it(store_world *w, unsigned round, unsigned racer)
{
    istauth_key key = code_key(round);

    (void)racer;
    return CALL(w, nonce_claim, &key, T0);
}

static void one_won(const race *r, unsigned round)
{
    (void)round;
    (void)winner_of(r, ISTAUTH_E_EXISTS);
}

static const contest claims = { 0, nothing, nothing_new, claim_it, one_won };

static void one_of_n_claims_wins(store_world *w)
{
    race_threads(w, &claims);
}

static void no_client(store_world *w, unsigned round)
{
    if (round)
        assert_status(CALL(w, client_delete, ISTAUTH_STR("app"), T0), ISTAUTH_OK);
}

static istauth_status register_it(store_world *w, unsigned round, unsigned racer)
{
    istauth_client c = client_of("app");

    (void)round;
    (void)racer;
    return CALL(w, client_put, &c);
}

static const contest registrations = { 0, nothing, no_client, register_it, one_won };

static void one_of_n_registrations_wins(store_world *w)
{
    race_threads(w, &registrations);
}

/* --- revocation against what would bring tokens to life --- */

/* Racer 0 rotates its family as long as it can; racer 1 ends it. */
static istauth_status rotate_on(store_world *w, unsigned round)
{
    unsigned n = number_of(round, 0);
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
    return racer ? revoke(w) : redeem(w, 1, number_of(round, 0));
}

/* Whatever was issued, before, during or after: none of it lives, and none ever will. */
static void nothing_lives(const race *r, unsigned round)
{
    unsigned n = number_of(round, 0);

    assert_status(r->answers[1], ISTAUTH_OK);
    if (r->answers[0])
        assert_status(r->answers[0], ISTAUTH_E_REVOKED);
    for (unsigned i = 0; i < CHAIN; i++) {
        assert_false(lives(r->w, access_key(n + i)));
        assert_false(lives(r->w, refresh_key(n + i)));
    }
    assert_status(redeem(r->w, 1, n + 99), ISTAUTH_E_REVOKED);
    purge_all(r->w, bounds_at(INT64_MAX));
}

static const contest disconnections = { 2, a_client, an_app, rotate_or_disconnect, nothing_lives };
static const contest revocations = { 2, a_client, a_code, redeem_or_revoke, nothing_lives };

static void rotation_against_disconnect(store_world *w)
{
    race_threads(w, &disconnections);
}

static void redemption_against_revocation(store_world *w)
{
    race_threads(w, &revocations);
}

/* Racer 0 revokes what all the others rotate. */
static istauth_status rotate_it_or_revoke(store_world *w, unsigned round, unsigned racer)
{
    return racer ? rotate_it(w, round, racer) : revoke(w);
}

static void one_at_most_rotated_and_nothing_lives(const race *r, unsigned round)
{
    unsigned winners = 0;

    assert_status(r->answers[0], ISTAUTH_OK);
    for (unsigned i = 1; i < r->racers; i++) {
        if (!r->answers[i])
            winners++;
        else if (r->answers[i] != ISTAUTH_E_SPENT)
            assert_status(r->answers[i], ISTAUTH_E_REVOKED);
        assert_true(exists(r->w, refresh_key(number_of(round, i))) == !r->answers[i]);
        assert_false(lives(r->w, access_key(number_of(round, i))));
        assert_false(lives(r->w, refresh_key(number_of(round, i))));
    }
    assert_true(winners <= 1);
    purge_all(r->w, bounds_at(INT64_MAX));
}

static const contest three_ways = { 0, a_client, an_app, rotate_it_or_revoke,
                                    one_at_most_rotated_and_nothing_lives };

static void rotations_against_revocation(store_world *w)
{
    race_threads(w, &three_ways);
}

/* --- registering and deleting --- */

static istauth_status put_or_delete(store_world *w, unsigned round, unsigned racer)
{
    istauth_client c = client_of(racer / 2 % 2 ? "b" : "a");

    (void)round;
    return racer % 2 ? CALL(w, client_delete, c.client_id, T0) : CALL(w, client_put, &c);
}

static void no_racer_broke(const race *r, unsigned round)
{
    (void)round;
    for (unsigned i = 0; i < r->racers; i++)
        if (r->answers[i])
            assert_status(r->answers[i], i % 2 ? ISTAUTH_E_NOT_FOUND : ISTAUTH_E_EXISTS);
}

static const contest comings_and_goings = { 0, nothing, nothing_new, put_or_delete,
                                            no_racer_broke };

static void registering_and_deleting_at_once(store_world *w)
{
    race_threads(w, &comings_and_goings);
}

/* --- the same between processes --- */

static void one_of_n_processes_redeems(store_world *w)
{
    race_processes(w, &redemptions);
}

static void one_of_n_processes_rotates(store_world *w)
{
    race_processes(w, &rotations);
}

static void one_of_n_processes_claims(store_world *w)
{
    race_processes(w, &claims);
}

static void one_of_n_processes_registers(store_world *w)
{
    race_processes(w, &registrations);
}

static void processes_rotate_against_revocation(store_world *w)
{
    race_processes(w, &three_ways);
}

static void a_process_rotates_against_disconnect(store_world *w)
{
    race_processes(w, &disconnections);
}

static void a_process_redeems_against_revocation(store_world *w)
{
    race_processes(w, &revocations);
}

static void processes_register_and_delete_at_once(store_world *w)
{
    race_processes(w, &comings_and_goings);
}

static const check_case cases[] = {
    CASE("S-1 S-2", one_of_n_redemptions_wins),
    CASE("S-1 S-2", one_of_n_rotations_wins),
    CASE("S-1", one_of_n_claims_wins),
    CASE("S-1", one_of_n_registrations_wins),
    CASE("S-1 S-2 S-3", rotations_against_revocation),
    CASE("S-3", rotation_against_disconnect),
    CASE("S-3", redemption_against_revocation),
    CASE("S-11", registering_and_deleting_at_once),
    PROCESS_CASE("S-1 S-2 S-11", one_of_n_processes_redeems),
    PROCESS_CASE("S-1 S-2 S-11", one_of_n_processes_rotates),
    PROCESS_CASE("S-1 S-11", one_of_n_processes_claims),
    PROCESS_CASE("S-1 S-11", one_of_n_processes_registers),
    PROCESS_CASE("S-1 S-2 S-3 S-11", processes_rotate_against_revocation),
    PROCESS_CASE("S-3 S-11", a_process_rotates_against_disconnect),
    PROCESS_CASE("S-3 S-11", a_process_redeems_against_revocation),
    PROCESS_CASE("S-11", processes_register_and_delete_at_once),
};

const check_cases check_race_cases = CASE_LIST(cases);
