/* Reading back, field by field. */
#include "check/assert_i.h"
#include "check/world_i.h"

void assert_clients_equal(const istauth_client *got, const istauth_client *want)
{
    assert_text(got->client_id, want->client_id.p);
    assert_int_equal(got->origin, want->origin);
    assert_int_equal(got->auth, want->auth);
    assert_text(got->name, want->name.p);
    assert_text(got->client_uri, want->client_uri.p);
    assert_text(got->logo_uri, want->logo_uri.p);
    assert_text(got->policy_uri, want->policy_uri.p);
    assert_text(got->tos_uri, want->tos_uri.p);
    assert_text(got->software_id, want->software_id.p);
    assert_text(got->software_version, want->software_version.p);
    assert_int_equal(got->redirect_uris.count, want->redirect_uris.count);
    for (size_t i = 0; i < want->redirect_uris.count; i++)
        assert_text(got->redirect_uris.items[i], want->redirect_uris.items[i].p);
    assert_text(got->scopes, want->scopes.p);
    assert_int_equal(got->grant_types, want->grant_types);
    assert_int_equal(got->native, want->native);
    assert_int_equal(got->registered_at, want->registered_at);
    assert_int_equal(got->used_at, want->used_at);
    assert_memory_equal(&got->secret_key, &want->secret_key, sizeof(want->secret_key));
    assert_int_equal(got->secret_expires_at, want->secret_expires_at);
    assert_memory_equal(&got->management_key, &want->management_key, sizeof(want->management_key));
    assert_text(got->jwks, want->jwks.p);
    assert_text(got->jwks_uri, want->jwks_uri.p);
    assert_text(got->resource, want->resource.p);
    assert_int_equal(got->workspaces.count, want->workspaces.count);
    for (size_t i = 0; i < want->workspaces.count; i++)
        assert_text(got->workspaces.items[i], want->workspaces.items[i].p);
    assert_int_equal(got->expires_at, want->expires_at);
}

void assert_grants_equal(const istauth_grant *got, const istauth_grant *want)
{
    assert_string_equal(got->id.text, want->id.text);
    assert_text(got->subject, want->subject.p);
    assert_text(got->client_id, want->client_id.p);
    assert_text(got->name, want->name.p ? want->name.p : "");
    assert_text(got->scopes, want->scopes.p);
    assert_int_equal(got->workspaces.count, want->workspaces.count);
    for (size_t i = 0; i < want->workspaces.count; i++)
        assert_text(got->workspaces.items[i], want->workspaces.items[i].p);
    assert_text(got->resource, want->resource.p);
    assert_int_equal(got->auth_time, want->auth_time);
    assert_int_equal(got->created_at, want->created_at);
    assert_int_equal(got->issued_at, want->issued_at);
    assert_int_equal(got->used_at, want->used_at);
    assert_int_equal(got->pending, want->pending);
    assert_int_equal(got->revoked, want->revoked);
}

istauth_client client_at(store_world *w, const char *client_id)
{
    istauth_client c;

    assert_status(CALL(w, client_get, istauth_str_of(client_id), &w->arena, &c), ISTAUTH_OK);
    return c;
}

istauth_code_entry code_at(store_world *w, unsigned n)
{
    istauth_key key = code_key(n);
    istauth_code_entry e;

    assert_status(CALL(w, code_get, &key, &w->arena, &e), ISTAUTH_OK);
    return e;
}
