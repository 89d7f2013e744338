#include "stores/postgres_i.h"

#include <errno.h>
#include <poll.h>

bool istauth__pg_wait(const PGconn *pq, short events, int64_t deadline)
{
    struct pollfd fd = { PQsocket(pq), events, 0 };
    int n;

    if (fd.fd < 0)
        return false;
    do
        n = poll(&fd, 1, istauth__pg_left(deadline));
    while (n < 0 && errno == EINTR);
    return n > 0;
}

/* What the server says meanwhile must be read, or both sides wait for the other. */
bool istauth__pg_flush(PGconn *pq, int64_t deadline)
{
    int more;

    while ((more = PQflush(pq)) > 0)
        if (!istauth__pg_wait(pq, POLLIN | POLLOUT, deadline) || !PQconsumeInput(pq))
            return false;
    return more == 0;
}

bool istauth__pg_result(PGresult **out, PGconn *pq, int64_t deadline)
{
    while (PQisBusy(pq))
        if (!istauth__pg_wait(pq, POLLIN, deadline) || !PQconsumeInput(pq))
            return false;
    *out = PQgetResult(pq);
    return true;
}
