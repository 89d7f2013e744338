#include "stores/postgres_i.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>

/* A server that says something without being asked says that it ends the session. What else it
 * could be, news of a setting, is rare enough to pay for with a new connection. */
static bool is_sound(const PGconn *pq)
{
    return PQstatus(pq) == CONNECTION_OK && !istauth__pg_wait(pq, POLLIN, 0);
}

static void discard(struct pg_conn *conn)
{
    PQfinish(conn->pq);
    free(conn);
}

/* Under the lock. */
static void wait_for_one(struct pg *pg, int ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_cond_timedwait(&pg->freed, &pg->lock, &until);
}

static struct pg_conn *open_one(const struct pg *pg, int64_t deadline)
{
    struct pg_conn *conn = malloc(sizeof(*conn));

    if (!conn)
        return NULL;
    conn->pq = istauth__pg_connect(pg, deadline, NULL);
    if (conn->pq)
        return conn;
    free(conn);
    return NULL;
}

/* Under the lock, but for the time that opening takes. When the server has no room for one more,
 * one that another thread gives back is as good. */
static struct pg_conn *open_or_wait(struct pg *pg, int64_t deadline, int *pause)
{
    struct pg_conn *conn;
    int left = istauth__pg_left(deadline);

    if (pg->open >= pg->connections) {
        wait_for_one(pg, left);
        return NULL;
    }
    pg->open++;
    pthread_mutex_unlock(&pg->lock);
    conn = open_one(pg, deadline);
    pthread_mutex_lock(&pg->lock);
    if (conn)
        return conn;
    pg->open--;
    pthread_cond_signal(&pg->freed);
    left = istauth__pg_left(deadline);
    if (!pg->idle && left)
        wait_for_one(pg, *pause < left ? *pause : left);
    *pause = *pause < 128 ? *pause * 2 : 256;
    return NULL;
}

/* An idle one, which may have broken meanwhile, or a new one. */
static struct pg_conn *take_any(struct pg *pg, int64_t deadline, int *pause)
{
    struct pg_conn *conn;

    pthread_mutex_lock(&pg->lock);
    conn = pg->idle;
    if (conn)
        pg->idle = conn->next;
    else
        conn = open_or_wait(pg, deadline, pause);
    pthread_mutex_unlock(&pg->lock);
    return conn;
}

struct pg_conn *istauth__pg_take(struct pg *pg, int64_t deadline)
{
    int pause = 8;

    do {
        struct pg_conn *conn = take_any(pg, deadline, &pause);

        if (conn && is_sound(conn->pq))
            return conn;
        if (conn)
            istauth__pg_give(pg, conn, false);
    } while (istauth__pg_left(deadline));
    return NULL;
}

void istauth__pg_give(struct pg *pg, struct pg_conn *conn, bool keep)
{
    keep = keep && PQstatus(conn->pq) == CONNECTION_OK &&
           PQtransactionStatus(conn->pq) == PQTRANS_IDLE;
    if (!keep)
        discard(conn);
    pthread_mutex_lock(&pg->lock);
    if (keep) {
        conn->next = pg->idle;
        pg->idle = conn;
    } else {
        pg->open--;
    }
    pthread_cond_signal(&pg->freed);
    pthread_mutex_unlock(&pg->lock);
}
