#include "stores/sqlite_i.h"

static istauth_status run(struct sql_connection *c, enum sql_id id)
{
    struct sql_query q = istauth__sqlite_query(c, id);

    return istauth__sqlite_run(&q, NULL);
}

istauth_status istauth__sqlite_begin(struct sql_connection **c, struct sql_store *m)
{
    istauth_status st = istauth__sqlite_take(c, &m->writer);

    if (st)
        return st;
    st = run(*c, SQL_BEGIN);
    if (st)
        istauth__sqlite_give(&m->writer, *c);
    return st;
}

/* Some errors roll back by themselves, and a roll-back can fail too. A connection that does not
 * get out of its transaction is closed, which rolls back for certain; the next op opens it
 * again. */
static void roll_back(struct sql_connection *c)
{
    if (!sqlite3_get_autocommit(c->db))
        (void)run(c, SQL_ROLLBACK);
    if (!sqlite3_get_autocommit(c->db))
        istauth__sqlite_disconnect(c);
}

istauth_status istauth__sqlite_finish(struct sql_store *m, struct sql_connection *c,
                                      istauth_status st)
{
    if (!st)
        st = run(c, SQL_COMMIT);
    if (st)
        roll_back(c);
    istauth__sqlite_give(&m->writer, c);
    return st;
}
