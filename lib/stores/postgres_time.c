#include "stores/postgres_i.h"

#include <time.h>

#define NS_PER_MS 1000000

int64_t istauth__pg_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / NS_PER_MS;
}

int istauth__pg_left(int64_t deadline)
{
    int64_t left = deadline - istauth__pg_now();

    return left > 0 ? (int)left : 0;
}

/* Longer from one attempt to the next, and by the clock's last digits, so that two who were in each
 * other's way do not meet again. */
void istauth__pg_pause(unsigned attempt, int64_t deadline)
{
    long most = (1L << (attempt < 6 ? attempt : 6)) * NS_PER_MS;
    int64_t left = (int64_t)istauth__pg_left(deadline) * NS_PER_MS;
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec = most / 2 + t.tv_nsec % most;
    if (t.tv_nsec > left)
        t.tv_nsec = (long)left;
    t.tv_sec = 0;
    nanosleep(&t, NULL);
}
