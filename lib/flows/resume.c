#include "flows/resume_i.h"

#include "base/crypto_i.h"
#include "base/pack_i.h"
#include "base/text_i.h"

#define NAME "&istauth_seen="
#define OLDEST 3600
#define CLOCK_SKEW 60 /* between the machines behind one issuer */
#define MAC_LENGTH ISTAUTH__BASE64URL_LENGTH(ISTAUTH__MAC_SIZE)
#define TIME_LENGTH 11 /* "seconds" in base64url of 8 bytes */
#define TAIL_LENGTH (sizeof(NAME) - 1 + TIME_LENGTH + MAC_LENGTH)

static istauth_status authenticate(char mac[MAC_LENGTH], const istauth__call *call,
                                   istauth_str query, istauth_time seen_at)
{
    istauth__buf b = istauth__buf_in(call->arena);
    uint8_t bytes[ISTAUTH__MAC_SIZE];
    istauth_str packed;

    istauth__pack_str(&b, call->server->config.issuer);
    istauth__pack_int(&b, seen_at);
    istauth__pack_str(&b, query);
    if (istauth__buf_done(&packed, &b))
        return ISTAUTH_E_NO_MEMORY;
    istauth__mac(bytes, call->server->ticket_key, "istauth seen", packed);
    istauth__base64url_write(mac, bytes, sizeof(bytes));
    return ISTAUTH_OK;
}

static void write_time(char text[TIME_LENGTH], istauth_time t)
{
    uint8_t bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)t >> (56 - 8 * i));
    istauth__base64url_write(text, bytes, sizeof(bytes));
}

static bool read_time(istauth_time *t, istauth_str text)
{
    uint8_t bytes[9];
    uint64_t bits = 0;
    size_t n;

    if (!istauth__base64url_read(bytes, &n, text) || n != 8)
        return false;
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | bytes[i];
    *t = (istauth_time)bits;
    return true;
}

istauth_status istauth__resume_write(istauth_str *resume, const istauth__call *call,
                                     istauth_str query, istauth_time seen_at)
{
    istauth__buf b = istauth__buf_in(call->arena);
    char mac[MAC_LENGTH], text[TIME_LENGTH];

    if (authenticate(mac, call, query, seen_at))
        return ISTAUTH_E_NO_MEMORY;
    write_time(text, seen_at);
    istauth__buf_add(&b, query);
    istauth__buf_text(&b, NAME);
    istauth__buf_add(&b, (istauth_str){ text, sizeof(text) });
    istauth__buf_add(&b, (istauth_str){ mac, sizeof(mac) });
    return istauth__buf_done(resume, &b);
}

istauth_status istauth__resume_read(istauth_str *query, istauth_time *seen_at,
                                    const istauth__call *call, istauth_str resume)
{
    size_t n = resume.n >= TAIL_LENGTH ? resume.n - TAIL_LENGTH : 0;
    istauth_str tail = istauth__slice(resume, n, resume.n), original = istauth__slice(resume, 0, n);
    char mac[MAC_LENGTH];
    istauth_time seen;

    if (!istauth__starts_with(tail, ISTAUTH_STR(NAME)))
        return ISTAUTH_E_NOT_FOUND;
    tail = istauth__slice(tail, sizeof(NAME) - 1, tail.n);
    if (tail.n != TIME_LENGTH + MAC_LENGTH ||
        !read_time(&seen, istauth__slice(tail, 0, TIME_LENGTH)))
        return ISTAUTH_E_NOT_FOUND;
    if (authenticate(mac, call, original, seen))
        return ISTAUTH_E_NO_MEMORY;
    if (!istauth__secret_equal(mac, tail.p + TIME_LENGTH, sizeof(mac)) || seen > call->now + CLOCK_SKEW ||
        call->now - seen > OLDEST)
        return ISTAUTH_E_NOT_FOUND;
    *query = original;
    *seen_at = seen;
    return ISTAUTH_OK;
}
