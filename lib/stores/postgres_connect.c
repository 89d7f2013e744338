/* Opening a connection without blocking: one host after the other. */
#include "stores/postgres_i.h"

#include <poll.h>
#include <stdio.h>

#define OPTIONS_MAX 96
#define HOST_MAX 256

void istauth__pg_explain(istauth_error *error, istauth_status status, const char *what,
                         const char *message)
{
    int n;

    if (!error)
        return;
    n = (int)strcspn(message ? message : "", "\r\n");
    error->status = status;
    (void)snprintf(error->detail, sizeof(error->detail), "%s%s%.*s", what, n ? ": " : "", n,
                   message ? message : "");
}

/* Element `index` of a list with commas, or the only one there is. false: none. */
static bool list_item(char out[HOST_MAX], const char *list, unsigned index)
{
    const char *at = list;
    size_t n;

    for (; index && (at = strchr(at, ',')); index--)
        at++;
    if (!at && strchr(list, ','))
        return false;
    at = at ? at : list;
    n = strcspn(at, ",");
    if (n >= HOST_MAX)
        return false;
    memcpy(out, at, n);
    out[n] = '\0';
    return true;
}

static const char *option(const struct pg *pg, const char *keyword)
{
    for (const PQconninfoOption *o = pg->options; o->keyword; o++)
        if (strcmp(o->keyword, keyword) == 0)
            return o->val ? o->val : "";
    return "";
}

static unsigned commas(const char *list)
{
    unsigned n = 0;

    while ((list = strchr(list, ',')) != NULL) {
        list++;
        n++;
    }
    return n;
}

static unsigned host_count(const struct pg *pg)
{
    unsigned hosts = commas(option(pg, "host")), addresses = commas(option(pg, "hostaddr"));

    return (hosts > addresses ? hosts : addresses) + 1;
}

/* conninfo with one of its hosts. What comes later counts more: ours are defaults, but for the
 * encoding. */
struct target {
    const char *keywords[OPTIONS_MAX], *values[OPTIONS_MAX];
    unsigned count;
    char pieces[3][HOST_MAX];
};

static void add(struct target *t, const char *keyword, const char *value)
{
    if (t->count == OPTIONS_MAX - 1)
        return;
    t->keywords[t->count] = keyword;
    t->values[t->count++] = value;
}

static bool is_target_of(struct target *t, const struct pg *pg, unsigned host)
{
    static const char *const split[3] = { "host", "hostaddr", "port" };

    t->count = 0;
    add(t, "fallback_application_name", "libistauth");
    add(t, "target_session_attrs", "read-write");
    for (const PQconninfoOption *o = pg->options; o->keyword; o++)
        if (o->val)
            add(t, o->keyword, o->val);
    for (unsigned i = 0; i < 3; i++) {
        const char *list = option(pg, split[i]);

        if (!*list)
            continue;
        if (!list_item(t->pieces[i], list, host))
            return false;
        add(t, split[i], t->pieces[i]);
    }
    add(t, "client_encoding", "UTF8");
    t->keywords[t->count] = t->values[t->count] = NULL;
    return true;
}

/* NOTICEs would go to standard error. */
static void ignore(void *ctx, const PGresult *notice)
{
    (void)ctx;
    (void)notice;
}

static bool establish(PGconn *pq, int64_t deadline)
{
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;

    while (PQstatus(pq) != CONNECTION_BAD) {
        if (!istauth__pg_wait(pq, next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
            return false;
        next = PQconnectPoll(pq);
        if (next == PGRES_POLLING_OK)
            return true;
        if (next == PGRES_POLLING_FAILED)
            return false;
    }
    return false;
}

static PGconn *connect_host(const struct pg *pg, unsigned host, int64_t deadline,
                            istauth_error *error)
{
    struct target t;
    PGconn *pq;

    if (!is_target_of(&t, pg, host)) {
        istauth__pg_explain(error, ISTAUTH_E_UNAVAILABLE, "a host in conninfo is too long", NULL);
        return NULL;
    }
    pq = PQconnectStartParams(t.keywords, t.values, 0);
    if (pq)
        PQsetNoticeReceiver(pq, ignore, NULL);
    if (pq && establish(pq, deadline) && PQsetnonblocking(pq, 1) == 0) {
        if (istauth__pg_session(pg, pq, deadline, error))
            return pq;
    } else {
        istauth__pg_explain(error, ISTAUTH_E_UNAVAILABLE, "no connection to the database",
                            pq && PQstatus(pq) == CONNECTION_BAD ? PQerrorMessage(pq)
                                                                 : "no answer in time");
    }
    PQfinish(pq);
    return NULL;
}

/* A host that does not answer must not use up the time of those behind it. */
PGconn *istauth__pg_connect(const struct pg *pg, int64_t deadline, istauth_error *error)
{
    unsigned count = host_count(pg);

    for (unsigned i = 0; i < count; i++) {
        int64_t share = istauth__pg_now() + istauth__pg_left(deadline) / (int)(count - i);
        PGconn *pq = connect_host(pg, i, share, error);

        if (pq)
            return pq;
    }
    return NULL;
}
