#include "rules/client_update_i.h"

#include "base/json_i.h"
#include "rules/client_i.h"
#include "rules/secret_i.h"

static bool is_the_servers(istauth_str name)
{
    static const char *const names[] = { "registration_access_token", "registration_client_uri",
                                         "client_secret_expires_at", "client_id_issued_at" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (istauth_str_equal(name, istauth_str_of(names[i])))
            return true;
    return false;
}

static istauth_status check_identity(istauth_arena *arena, const struct cJSON *object,
                                     const istauth_client *current)
{
    istauth_str id, secret;
    istauth_status st = istauth__json_get_str(&id, arena, object, "client_id");

    if (!st)
        st = istauth__json_get_str(&secret, arena, object, "client_secret");
    if (st)
        return st;
    if (istauth__json_any_name(object, is_the_servers) ||
        !istauth_str_equal(id, current->client_id) ||
        (secret.n && !istauth__secret_matches(&current->secret_key, secret)))
        return ISTAUTH_E_INVALID_REQUEST;
    return ISTAUTH_OK;
}

istauth_status istauth__client_update_read(istauth_client *client, istauth_arena *arena,
                                           const istauth_scope_catalogue *catalogue,
                                           uint32_t methods, istauth_str body,
                                           const istauth_client *current)
{
    istauth_client made = { 0 };
    struct cJSON *object;
    istauth_status st = istauth__json_parse(&object, arena, body);

    if (!st) {
        st = check_identity(arena, object, current);
        if (!st)
            st = istauth__client_read(&made, arena, catalogue, methods, object, NULL);
        istauth__json_free(object);
    }
    if (!st)
        *client = made;
    return st == ISTAUTH_E_INVALID_REQUEST ? ISTAUTH_E_INVALID_CLIENT_METADATA : st;
}
