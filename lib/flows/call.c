#include "flows/server_i.h"

#include "base/crypto_i.h"
#include "base/text_i.h"

#include <time.h>

static istauth_status system_clock(istauth_time *now)
{
    struct timespec t;

    if (clock_gettime(CLOCK_REALTIME, &t))
        return ISTAUTH_E_CLOCK;
    *now = (istauth_time)t.tv_sec;
    return ISTAUTH_OK;
}

/* 0 stands for "never" in a record, and sums of a time and a lifetime must not overflow: a reading
 * without sense is no reading, and nothing expired comes to life by it. */
static bool is_time(istauth_time t)
{
    return t > 0 && t <= INT64_MAX / 2;
}

istauth_status istauth__now(istauth_time *now, const istauth_server *server)
{
    const istauth_hooks *hooks = &server->config.hooks;
    istauth_time read = 0;

    if (hooks->clock ? hooks->clock(hooks->ctx, &read) : system_clock(&read))
        return ISTAUTH_E_CLOCK;
    if (!is_time(read))
        return ISTAUTH_E_CLOCK;
    *now = read;
    return ISTAUTH_OK;
}

istauth_status istauth__call_start(istauth__call *call, const istauth_server *server,
                                   istauth_arena *arena, istauth_str address)
{
    call->server = server;
    call->arena = arena;
    call->address = address;
    return istauth__now(&call->now, server);
}

istauth_status istauth__random(const istauth_server *server, void *bytes, size_t count)
{
    const istauth_hooks *hooks = &server->config.hooks;

    if (hooks->random ? hooks->random(hooks->ctx, bytes, count)
                      : istauth__random_default(NULL, bytes, count)) {
        istauth__wipe(bytes, count);
        return ISTAUTH_E_RANDOM;
    }
    return ISTAUTH_OK;
}

void istauth__emit(const istauth__call *call, istauth_event event)
{
    const istauth_hooks *hooks = &call->server->config.hooks;

    if (!hooks->event)
        return;
    event.size = sizeof(event);
    event.time = call->now;
    event.address = call->address;
    hooks->event(hooks->ctx, &event);
}

void istauth__id_write(istauth_id *id, const uint8_t random[16])
{
    istauth__hex_write(id->text, random, 16);
}
