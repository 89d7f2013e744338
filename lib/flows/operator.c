#include <istauth/operator.h>

#include "base/text_i.h"
#include "flows/store_i.h"

/* Every id is of printable ASCII: what is not would have no place in the order of some database. */
static bool may_be_client_id(istauth_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~')
            return false;
    return true;
}

istauth_status istauth_clients_list(istauth_clients *clients, const istauth_server *server,
                                    istauth_str after, size_t limit, istauth_arena *arena)
{
    if (!limit || !may_be_client_id(after))
        return ISTAUTH_E_ARGUMENT;
    return istauth__store_client_list(server, after, limit, arena, clients);
}

static bool is_lower_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool id_read(istauth_id *id, istauth_str text)
{
    if (text.n != ISTAUTH_ID_SIZE - 1)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (!is_lower_hex(text.p[i]))
            return false;
    memcpy(id->text, text.p, text.n);
    id->text[text.n] = '\0';
    return true;
}

istauth_status istauth_client_grants(istauth_grant_entries *grants, const istauth_server *server,
                                     istauth_str client_id, istauth_str after, size_t limit,
                                     istauth_arena *arena)
{
    istauth_id id;

    if (!limit || (after.n && !id_read(&id, after)))
        return ISTAUTH_E_ARGUMENT;
    return istauth__store_grant_list(server, client_id, after.n ? &id : NULL, limit, arena, grants);
}

istauth_status istauth_subject_grants(istauth_grant_entries *grants, const istauth_server *server,
                                      istauth_str subject, size_t limit, istauth_arena *arena)
{
    if (!limit)
        return ISTAUTH_E_ARGUMENT;
    return istauth__store_app_list(server, subject, limit, arena, grants);
}

istauth_status istauth_grant_revoke(const istauth_server *server, istauth_str grant_id)
{
    istauth__call call;
    istauth_status st;
    istauth_id id;

    if (!id_read(&id, grant_id))
        return ISTAUTH_E_NOT_FOUND;
    st = istauth__call_start(&call, server, NULL, istauth_str_of(NULL));
    if (!st)
        st = istauth__store_grant_end(&call, &id);
    if (!st)
        istauth__emit(&call, (istauth_event){ .kind = ISTAUTH_EVENT_REVOKED,
                                              .grant_id = istauth_id_str(&id) });
    return st;
}
