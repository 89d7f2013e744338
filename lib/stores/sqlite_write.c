/* One op that writes is one transaction, or one of a group that share one: to wait for the disk
 * takes far longer than to write, so whoever is done while others wait for the connection hands
 * it on as it is, in the midst of the transaction, and the last one commits for all. Nobody
 * returns before that: what an op answered OK is on the disk, and an answer that rests on what
 * another one wrote (SPENT) is told only when that is there, too. When the commit fails, nothing
 * was done, and all answer UNAVAILABLE.
 *
 * The first of a group begins the transaction; the others each have a savepoint in it, so that
 * one that fails takes nothing else along. */
#include "stores/sqlite_i.h"

#define GROUP 64 /* ops that share a transaction, at most */
#define IN_A_ROW 8 /* commits of this process, before others get a chance */

/* An op that is done and waits for the commit. */
struct sql_member {
    struct sql_member *next;
    pthread_cond_t woken;
    bool told;
    istauth_status outcome;
};

static istauth_status run(struct sql_connection *c, enum sql_id id)
{
    struct sql_query q = istauth__sqlite_query(c, id);

    return istauth__sqlite_run(&q, NULL);
}

static bool is_in_transaction(const struct sql_connection *c)
{
    return c->db && !sqlite3_get_autocommit(c->db);
}

/* Some errors roll back by themselves, and a roll-back can fail too. A connection that does not get
 * out of its transaction is closed, which rolls back for certain; the next op opens it again. */
static void roll_back(struct sql_connection *c)
{
    if (is_in_transaction(c))
        (void)run(c, SQL_ROLLBACK);
    if (is_in_transaction(c))
        istauth__sqlite_disconnect(c);
}

/* A member is gone as soon as it can have the mutex. */
static void tell_members(struct sql_store *m, istauth_status outcome)
{
    struct sql_member *member = m->members;

    m->members = NULL;
    m->member_count = 0;
    (void)pthread_mutex_lock(&m->writer.mutex);
    while (member) {
        struct sql_member *next = member->next;

        member->outcome = outcome;
        member->told = true;
        (void)pthread_cond_signal(&member->woken);
        member = next;
    }
    (void)pthread_mutex_unlock(&m->writer.mutex);
}

/* Threads that stand in line here never leave the file's lock free for long enough that another
 * process, which has to knock, would find it so. */
static void let_others_in(struct sql_store *m)
{
    if (!istauth__sqlite_waiting(&m->writer)) {
        m->in_a_row = 0;
    } else if (++m->in_a_row % IN_A_ROW == 0) {
        istauth__sqlite_pause();
        istauth__sqlite_pause();
    }
}

/* The end of the transaction, for the group and the op that has the connection. */
static istauth_status commit(struct sql_store *m, struct sql_connection *c)
{
    istauth_status outcome = ISTAUTH_E_UNAVAILABLE;

    if (is_in_transaction(c)) /* else an error has rolled back all */
        outcome = run(c, SQL_COMMIT);
    if (outcome)
        roll_back(c);
    tell_members(m, outcome ? ISTAUTH_E_UNAVAILABLE : ISTAUTH_OK);
    let_others_in(m);
    istauth__sqlite_give(&m->writer, c);
    return outcome;
}

/* Hand the connection on, and wait for the commit. False: nobody wants it. */
static bool hand_on(struct sql_store *m, struct sql_connection *c, istauth_status *outcome)
{
    struct sql_member me = { .next = m->members };

    if (m->member_count >= GROUP || !is_in_transaction(c) || pthread_cond_init(&me.woken, NULL))
        return false;
    m->members = &me;
    m->member_count++;
    if (istauth__sqlite_pass(&m->writer, c)) {
        (void)pthread_mutex_lock(&m->writer.mutex);
        while (!me.told)
            (void)pthread_cond_wait(&me.woken, &m->writer.mutex);
        (void)pthread_mutex_unlock(&m->writer.mutex);
        *outcome = me.outcome;
    } else {
        m->members = me.next;
        m->member_count--;
    }
    (void)pthread_cond_destroy(&me.woken);
    return me.told;
}

/* `st` is the op's own answer, which holds if the transaction does. */
static istauth_status settle(struct sql_store *m, struct sql_connection *c, istauth_status st)
{
    istauth_status outcome = ISTAUTH_E_UNAVAILABLE;

    if (!hand_on(m, c, &outcome))
        outcome = commit(m, c);
    return outcome ? outcome : st;
}

istauth_status istauth__sqlite_begin(struct sql_connection **c, struct sql_store *m)
{
    istauth_status st = istauth__sqlite_take(c, &m->writer);

    if (st)
        return st;
    if (m->members) {
        st = run(*c, SQL_SAVEPOINT);
        return st ? settle(m, *c, st) : ISTAUTH_OK;
    }
    st = run(*c, SQL_BEGIN);
    if (st)
        istauth__sqlite_give(&m->writer, *c);
    return st;
}

/* Take back what the op did, and no more. */
static istauth_status undo(struct sql_connection *c)
{
    istauth_status st = run(c, SQL_UNDO);

    return st ? st : run(c, SQL_RELEASE);
}

istauth_status istauth__sqlite_finish(struct sql_store *m, struct sql_connection *c,
                                      istauth_status st)
{
    if (m->members) {
        if ((st ? undo(c) : run(c, SQL_RELEASE)) != ISTAUTH_OK)
            roll_back(c);
        return settle(m, c, st);
    }
    if (!st)
        return settle(m, c, st);
    roll_back(c);
    istauth__sqlite_give(&m->writer, c);
    return st;
}
