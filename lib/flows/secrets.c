#include "flows/secrets_i.h"

#include "base/crypto_i.h"

istauth_status istauth__secret_new(char text[ISTAUTH_TOKEN_SIZE], istauth_key *key,
                                   const istauth_server *server, istauth__secret_kind kind)
{
    uint8_t random[ISTAUTH_TOKEN_RANDOM];
    istauth_status st = istauth__random(server, random, sizeof(random));

    if (!st)
        istauth__secret_mint(text, key, kind, server->config.token_prefix, random);
    istauth__wipe(random, sizeof(random));
    return st;
}
