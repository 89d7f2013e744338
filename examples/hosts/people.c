#include "site_i.h"

#include "isteam/text.h"

/* Yours are in a database, with crypto_pwhash_str() of the password. */
static const person ada = { ISTAUTH_STR_INIT("person_ada"), ISTAUTH_STR_INIT("ada@example.com"),
                            ISTAUTH_STR_INIT("Ada Lovelace") };
static const istauth_str password_of_ada = ISTAUTH_STR_INIT("lovelace");

static const istauth_workspace workspaces_of_ada[] = {
    { ISTAUTH_STR_INIT("ws_engine"),
      ISTAUTH_STR_INIT("Analytical Engine"),
      ISTAUTH_STR_INIT("Pro"),
      { NULL, 0 },
      true },
    { ISTAUTH_STR_INIT("ws_home"),
      ISTAUTH_STR_INIT("Home"),
      ISTAUTH_STR_INIT("Pro"),
      { NULL, 0 },
      true },
};

const person *person_by_subject(istauth_str subject)
{
    return istauth_str_equal(subject, ada.subject) ? &ada : NULL;
}

const person *person_by_password(istauth_str email, istauth_str password)
{
    bool right = password.n == password_of_ada.n &&
                 sodium_memcmp(password.p, password_of_ada.p, password.n) == 0;

    return right && text_is_ignoring_case(text_trimmed(email), ada.email) ? &ada : NULL;
}

istauth_status person_workspaces(void *ctx, istauth_workspace_offer *offer, istauth_str subject,
                                 istauth_arena *arena)
{
    (void)ctx;
    (void)arena;
    offer->items = workspaces_of_ada;
    offer->count = person_by_subject(subject) ? 2 : 0;
    return ISTAUTH_OK;
}
