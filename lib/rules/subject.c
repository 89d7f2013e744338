#include "rules/subject_i.h"

#include "base/crypto_i.h"
#include "base/pack_i.h"
#include "base/text_i.h"
#include "base/url_i.h"

#include <istauth/redirect.h>

/* The host of a URI that leads to a web server of its own; empty for any other. */
static istauth_str web_host(istauth_str uri)
{
    istauth__url url;

    if (istauth_redirect_check(uri) != ISTAUTH_REDIRECT_HTTPS || !istauth__url_cut(&url, uri))
        return istauth_str_of(NULL);
    return url.host;
}

istauth_str istauth__sector(const istauth_client *client)
{
    istauth_str host = { NULL, 0 };

    for (size_t i = 0; i < client->redirect_uris.count; i++) {
        istauth_str one = web_host(client->redirect_uris.items[i]);

        if (!one.n || (i && !istauth_str_equal(one, host)))
            return client->client_id;
        host = one;
    }
    return host.n ? host : client->client_id;
}

istauth_status istauth__subject_pairwise(istauth_str *out, istauth_arena *arena,
                                         const uint8_t key[ISTAUTH__PAIRWISE_KEY_SIZE],
                                         istauth_str sector, istauth_str subject)
{
    istauth__buf b = istauth__buf_in(arena);
    char text[ISTAUTH__BASE64URL_LENGTH(ISTAUTH__MAC_SIZE)];
    istauth_str written = { text, sizeof(text) }, packed;
    uint8_t mac[ISTAUTH__MAC_SIZE];

    istauth__pack_str(&b, sector);
    istauth__pack_str(&b, subject);
    if (istauth__buf_done(&packed, &b))
        return ISTAUTH_E_NO_MEMORY;
    istauth__mac(mac, key, "istauth pairwise", packed);
    istauth__base64url_write(text, mac, sizeof(mac));
    return istauth_arena_copy(out, arena, written);
}
