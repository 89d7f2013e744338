#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include "check/processes_i.h"

#include "check/assert_i.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void close_all(int *fds, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
}

/* --- in a process of the case: nothing here may return to the case or run its exit handlers --- */

/* Let go, they wake up one by one: the first waits a little for the last, so that what they do meets. */
static void meet(processes *p)
{
    unsigned all = p->turns * p->count;

    (void)atomic_fetch_add(p->awake, 1);
    for (unsigned i = 0; i < 1000 && atomic_load(p->awake) < all; i++)
        (void)sched_yield();
}

bool processes_wait(processes *p)
{
    char byte;
    ssize_t n;

    /* Two pipes in turns: who is quick cannot take the byte of one who has not woken up yet. */
    do
        n = read(p->start[p->turns % 2][0], &byte, 1);
    while (n < 0 && errno == EINTR);
    p->turns++;
    if (n == 1)
        meet(p);
    return n == 1;
}

void processes_tell(processes *p, unsigned number, istauth_status status)
{
    const answer a = { number, status };

    if (write(p->to, &a, sizeof(a)) != (ssize_t)sizeof(a)) /* a pipe takes so little whole */
        _exit(1);
}

static void work(void *arg)
{
    processes *p = arg;
    store_world *w = p->w;
    istauth_status st;

    if (!processes_wait(p))
        return;
    st = w->fixture->attach(w->fixture->env, &w->store);
    processes_tell(p, 0, st);
    if (st)
        return;
    p->work(p, p->number);
    w->fixture->detach(w->fixture->env, &w->store);
}

static void live(processes *p)
{
    failure f;
    bool well = attempt(&f, work, p);

    if (!well)
        fprintf(stderr, "%s\n", f.text);
    _exit(well ? 0 : 1);
}

/* --- in the case's process --- */

static void nobody_yet(processes *p)
{
    p->turns = 0;
    p->awake = MAP_FAILED;
    for (unsigned i = 0; i < p->count; i++) {
        p->from[i] = -1;
        p->pids[i] = -1;
    }
    for (unsigned i = 0; i < 2; i++)
        p->start[i][0] = p->start[i][1] = -1;
}

static void fork_one(processes *p, unsigned number)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    p->from[number] = ends[0];
    p->to = ends[1];
    p->pids[number] = fork();
    if (p->pids[number] == 0) {
        close_all(p->from, number + 1);
        (void)close(p->start[0][1]); /* or it would not see the lead's end */
        (void)close(p->start[1][1]);
        p->number = number;
        live(p);
    }
    (void)close(p->to); /* its own is the only one: that it died shows at once */
    assert_true(p->pids[number] > 0);
}

void processes_start(processes *p)
{
    char bytes[ISTAUTH_STORE_CHECK_THREADS] = { 0 };

    assert_int_equal(write(p->start[p->turns++ % 2][1], bytes, p->count), p->count);
}

bool processes_last_answer(processes *p, unsigned number, answer *a)
{
    struct pollfd fd = { .fd = p->from[number], .events = POLLIN };
    unsigned seconds = p->w->options->seconds;
    int ready;

    do
        ready = poll(&fd, 1, (int)seconds * 1000);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        FAIL("process %u does not answer within %u seconds", number, seconds);
    return read(p->from[number], a, sizeof(*a)) == (ssize_t)sizeof(*a);
}

answer processes_answer(processes *p, unsigned number)
{
    answer a;

    if (!processes_last_answer(p, number, &a))
        FAIL("process %u died", number);
    return a;
}

void processes_kill(processes *p, unsigned number)
{
    (void)kill(p->pids[number], SIGKILL);
}

static void lead(void *arg)
{
    processes *p = arg;

    p->awake = mmap(NULL, sizeof(*p->awake), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                    0);
    assert_true(p->awake != MAP_FAILED);
    atomic_init(p->awake, 0);
    assert_int_equal(pipe(p->start[0]), 0);
    assert_int_equal(pipe(p->start[1]), 0);
    for (unsigned i = 0; i < p->count; i++)
        fork_one(p, i);
    store_world_open(p->w);
    processes_start(p);
    for (unsigned i = 0; i < p->count; i++)
        assert_status(processes_answer(p, i).status, ISTAUTH_OK); /* attach */
    p->lead(p);
}

static void pause_for(long milliseconds)
{
    struct timespec t = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

    (void)nanosleep(&t, NULL);
}

/* Wait for its end, or make it. Did it end by itself and with 0, or by the kill of a case? */
static bool reap(pid_t pid, unsigned seconds)
{
    bool overdue = false;
    int status = 0;

    for (unsigned milliseconds = 0;; milliseconds++) {
        pid_t got = waitpid(pid, &status, WNOHANG);

        if (got < 0 && errno != EINTR)
            return true; /* the host's program waits for its children itself */
        if (got == pid)
            break;
        if (milliseconds / 1000 >= seconds && !overdue)
            overdue = kill(pid, SIGKILL) == 0;
        pause_for(1);
    }
    if (WIFSIGNALED(status))
        return !overdue && WTERMSIG(status) == SIGKILL;
    return WEXITSTATUS(status) == 0;
}

/* The end of the start pipes ends who waits at them; who is at work still is given time. */
static bool dismiss(processes *p, bool led)
{
    bool well = true;

    for (unsigned i = 0; i < 2; i++)
        close_all(p->start[i], 2);
    for (unsigned i = 0; i < p->count; i++) {
        if (p->pids[i] <= 0)
            continue;
        if (!led)
            processes_kill(p, i);
        well = reap(p->pids[i], p->w->options->seconds) && well;
    }
    close_all(p->from, p->count);
    if (p->awake != MAP_FAILED)
        (void)munmap(p->awake, sizeof(*p->awake));
    return well;
}

void processes_run(processes *p)
{
    failure f;
    bool led, well;

    nobody_yet(p);
    led = attempt(&f, lead, p);
    well = dismiss(p, led);
    if (!led)
        fail_again(&f);
    assert_true(well); /* every process ended as it should */
}
