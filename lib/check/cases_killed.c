/* S-14 when processes are killed at any moment: each tells through a pipe what was answered OK, and
 * all of that must be there afterwards. */
#include "check/cases_i.h"
#include "check/processes_i.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define STEPS 500 /* at most, that one process takes */

/* Records of a process: no two numbers meet. */
static unsigned base_of(unsigned number)
{
    return (number + 1) * 1000;
}

/* Between nothing and a millisecond, another one each time. */
static void pause_a_little(unsigned turn)
{
    struct timespec t = { 0, (long)(turn * 2654435761u >> 12) % 1000000 };

    (void)nanosleep(&t, NULL);
}

typedef struct massacre {
    void (*prepare)(store_world *w, unsigned base);
    istauth_status (*step)(store_world *w, unsigned base, unsigned i); /* i from 1 */
    /* Steps up to `last` were answered OK; the next one may have begun. */
    void (*judge)(store_world *w, unsigned base, unsigned last);
    unsigned batch;
    unsigned last[ISTAUTH_STORE_CHECK_THREADS];
} massacre;

/* Every third process ends itself in the middle, without a word to its store. */
static void work(processes *p, unsigned number)
{
    const massacre *m = p->arg;

    if (!processes_wait(p))
        return;
    for (unsigned i = 1; i <= STEPS; i++) {
        istauth_status st = m->step(p->w, base_of(number), i);

        processes_tell(p, i, st);
        if (st || (number % 3 == 2 && i == 2 + m->batch % 5))
            _exit(st ? 1 : 0);
    }
    (void)processes_wait(p);
}

/* After a few answers, and a moment. */
static void kill_one(processes *p, massacre *m, unsigned number)
{
    unsigned wait_for = (m->batch + number) % 5;
    answer a = { 0, ISTAUTH_OK };

    while (a.number < wait_for && processes_last_answer(p, number, &a))
        assert_status(a.status, ISTAUTH_OK);
    pause_a_little(m->batch * p->count + number);
    processes_kill(p, number);
    while (processes_last_answer(p, number, &a))
        assert_status(a.status, ISTAUTH_OK);
    m->last[number] = a.number;
}

static void judge_all(processes *p, const massacre *m)
{
    for (unsigned i = 0; i < p->count; i++) {
        m->judge(p->w, base_of(i), m->last[i]);
        istauth_arena_wipe(&p->w->arena);
    }
}

static void lead(processes *p)
{
    massacre *m = p->arg;

    have_client(p->w, "app");
    for (unsigned i = 0; i < p->count; i++)
        m->prepare(p->w, base_of(i));
    processes_start(p);
    for (unsigned i = 0; i < p->count; i++)
        kill_one(p, m, i);
    judge_all(p, m);
    if (p->w->fixture->reopen) {
        store_world_reopen(p->w);
        judge_all(p, m);
    }
}

static void run(store_world *w, massacre *m)
{
    processes p = { .w = w, .count = w->options->threads, .work = work, .lead = lead, .arg = m };

    for (m->batch = 0; m->batch * p.count < w->options->rounds; m->batch++) {
        processes_run(&p);
        store_world_close(w);
    }
}

/* --- one family, refreshed again and again --- */

static void have_family(store_world *w, unsigned base)
{
    have_app(w, base, "ada", "app");
}

static istauth_str kept_for(char text[32], unsigned n)
{
    snprintf(text, 32, "answer %u", n);
    return istauth_str_of(text);
}

static istauth_status refresh(store_world *w, unsigned base, unsigned i)
{
    char text[32];

    return rotate_keeping(w, base + i - 1, base + i, kept_for(text, base + i));
}

static bool is_answer_kept(store_world *w, unsigned spent, unsigned successor)
{
    istauth_key key = refresh_key(spent);
    istauth_retry r;
    char text[32];

    return !CALL(w, retry_get, &key, &w->arena, &r) &&
           istauth_str_equal(r.sealed, kept_for(text, successor));
}

static bool is_spent(store_world *w, unsigned n)
{
    return token_at(w, refresh_key(n)).token.spent;
}

typedef struct leaf {
    bool lives, kept, has_child;
} leaf;

static leaf look_at_leaf(store_world *w, unsigned base, unsigned n)
{
    leaf l = { .kept = n == base || is_answer_kept(w, n - 1, n) };

    l.lives = is_live(w, refresh_key(n)) && is_live(w, access_key(n));
    l.has_child = exists(w, refresh_key(n + 1));
    return l;
}

/* Every token that was handed out is known, and one refresh token lives: the last one, or the one
 * that it was being rotated into. Where a database is a process of its own, that may happen while one
 * looks: then one looks again. */
static void one_leaf_lives(store_world *w, unsigned base, unsigned last)
{
    unsigned n = base + last;
    bool rotated;
    leaf l;

    for (unsigned i = 0; i < last; i++) {
        assert_true(token_at(w, refresh_key(base + i)).token.spent);
        assert_true(is_live(w, access_key(base + i)));
    }
    assert_true(is_live(w, access_key(n)));
    do {
        rotated = is_spent(w, n);
        l = look_at_leaf(w, base, n + rotated);
    } while (rotated != is_spent(w, n));
    assert_true(l.lives);
    assert_true(l.kept);
    assert_false(l.has_child);
}

static void a_family_survives_the_kill_of_its_process(store_world *w)
{
    massacre m = { .prepare = have_family, .step = refresh, .judge = one_leaf_lives };

    run(w, &m);
}

/* --- a little of everything --- */

static void have_nothing(store_world *w, unsigned base)
{
    (void)w;
    (void)base;
}

static istauth_client client_number(char id[32], unsigned n)
{
    snprintf(id, 32, "client%u", n);
    return client_of(id);
}

static istauth_status put_app(store_world *w, unsigned n)
{
    istauth_code c = code_of(n);
    istauth_grant g = grant_of(n, "ada", "app");
    istauth_status st = CALL(w, code_put, &c, &g);

    return st ? st : redeem(w, n, n);
}

static istauth_status put_personal_and_revoke(store_world *w, unsigned n)
{
    istauth_token t = personal_of(n);
    istauth_grant g = personal_grant_of(n, "ada");
    istauth_status st = CALL(w, personal_put, &t, &g);

    return st ? st : CALL(w, personal_revoke, g.subject, &g.id, T0);
}

static istauth_status put_app_and_revoke(store_world *w, unsigned n)
{
    istauth_id id = id_of(n);
    istauth_status st = put_app(w, n);

    return st ? st : CALL(w, grant_revoke, &id, T0);
}

static istauth_status do_something(store_world *w, unsigned base, unsigned i)
{
    istauth_key nonce = code_key(base + i);
    istauth_client c;
    char id[32];

    switch (i % 5) {
    case 0:
        return put_app_and_revoke(w, base + i);
    case 1:
        return put_app(w, base + i);
    case 2:
        return CALL(w, nonce_claim, &nonce, T0);
    case 3:
        return put_personal_and_revoke(w, base + i);
    default:
        c = client_number(id, base + i);
        return CALL(w, client_put, &c);
    }
}

static void assert_app(store_world *w, unsigned n)
{
    istauth_grant want = grant_of(n, "ada", "app"), got;

    want.pending = false;
    want.issued_at = T0;
    got = token_at(w, access_key(n)).grant;
    assert_grants_equal(&got, &want);
    assert_true(is_live(w, refresh_key(n)));
    assert_true(code_at(w, n).code.spent);
}

static void assert_done(store_world *w, unsigned n, unsigned i)
{
    istauth_key nonce = code_key(n);
    istauth_client want, got;
    char id[32];

    switch (i % 5) {
    case 0:
        assert_true(token_at(w, access_key(n)).grant.revoked);
        assert_status(rotate(w, n, n + 900000), ISTAUTH_E_REVOKED);
        break;
    case 1:
        assert_app(w, n);
        break;
    case 2:
        assert_status(CALL(w, nonce_claim, &nonce, T0), ISTAUTH_E_EXISTS);
        break;
    case 3:
        assert_true(token_at(w, personal_key(n)).grant.revoked);
        break;
    default:
        want = client_number(id, n);
        got = client_at(w, id);
        assert_clients_equal(&got, &want);
    }
}

static bool is_redeemed(store_world *w, unsigned n)
{
    istauth_key key = code_key(n);
    istauth_code_entry e;
    istauth_status st = CALL(w, code_get, &key, &w->arena, &e);

    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NOT_FOUND);
    assert_true(st || e.grant.pending == !e.code.spent);
    return !st && e.code.spent;
}

/* What had begun is whole or not there: a spent code has its tokens. */
static void assert_whole(store_world *w, unsigned n)
{
    bool redeemed, access, refresh;

    do { /* as in one_leaf_lives */
        redeemed = is_redeemed(w, n);
        access = exists(w, access_key(n));
        refresh = exists(w, refresh_key(n));
    } while (redeemed != is_redeemed(w, n));
    assert_int_equal(access, redeemed);
    assert_int_equal(refresh, redeemed);
}

static void all_that_was_told_is_there(store_world *w, unsigned base, unsigned last)
{
    for (unsigned i = 1; i <= last; i++)
        assert_done(w, base + i, i);
    assert_whole(w, base + last + 1);
}

static void what_was_answered_survives_the_kill(store_world *w)
{
    massacre m = { .prepare = have_nothing, .step = do_something,
                   .judge = all_that_was_told_is_there };

    run(w, &m);
}

static const check_case cases[] = {
    PROCESS_CASE("S-14", a_family_survives_the_kill_of_its_process),
    PROCESS_CASE("S-14", what_was_answered_survives_the_kill),
};

const check_cases check_killed_cases = CASE_LIST(cases);
