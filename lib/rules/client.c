#include <istauth/client.h>

#include <istauth/redirect.h>

#include "base/error_i.h"
#include "base/json_i.h"
#include "base/text_i.h"
#include "base/url_i.h"
#include "rules/client_checks_i.h"
#include "rules/client_i.h"

#define SOFTWARE_MAX 255 /* bytes of software_id and of software_version: a UUID, a URL, "1.2.3" */

/* A registration while it is read. */
typedef struct reading {
    istauth_client *client;
    istauth_arena *arena;
    const istauth_scope_catalogue *catalogue;
    uint32_t methods;
    const struct cJSON *object;
    istauth_error *error;
} reading;

static istauth_status bad_metadata(const reading *r, const char *detail)
{
    return istauth__fail(r->error, ISTAUTH_E_INVALID_CLIENT_METADATA, detail);
}

static istauth_status bad_redirect(const reading *r, const char *detail)
{
    return istauth__fail(r->error, ISTAUTH_E_INVALID_REDIRECT_URI, detail);
}

static istauth_status no_memory(const reading *r)
{
    return istauth__fail(r->error, ISTAUTH_E_NO_MEMORY, "no memory to read client metadata");
}

static istauth_status get_text(const reading *r, istauth_str *out, const char *name,
                               const char *complaint)
{
    istauth_status st = istauth__json_get_str(out, r->arena, r->object, name);

    if (st == ISTAUTH_E_NO_MEMORY)
        return no_memory(r);
    return st ? bad_metadata(r, complaint) : ISTAUTH_OK;
}

bool istauth__client_lists(istauth_str_list list, istauth_str text)
{
    for (size_t i = 0; i < list.count; i++)
        if (istauth_str_equal(list.items[i], text))
            return true;
    return false;
}

/* Keep the order and the bytes that were sent; of repeats, the first. */
static istauth_status keep_redirects(const reading *r, istauth_str_list sent)
{
    istauth_str *items = istauth_arena_alloc(r->arena, sent.count * sizeof(*items));
    istauth_str_list kept = { items, 0 };

    if (!items)
        return no_memory(r);
    for (size_t i = 0; i < sent.count; i++) {
        if (istauth_redirect_check(sent.items[i]) == ISTAUTH_REDIRECT_REFUSED)
            return bad_redirect(r, "a redirect URI is not acceptable");
        if (!istauth__client_lists(kept, sent.items[i]))
            items[kept.count++] = sent.items[i];
    }
    r->client->redirect_uris = kept;
    return ISTAUTH_OK;
}

static istauth_status read_redirects(const reading *r)
{
    istauth_str_list sent;
    istauth_status st =
        istauth__json_get_list(&sent, NULL, r->arena, r->object, "redirect_uris");

    if (st == ISTAUTH_E_NO_MEMORY)
        return no_memory(r);
    if (st)
        return bad_redirect(r, "redirect_uris is not an array of texts");
    if (!sent.count || sent.count > ISTAUTH_CLIENT_REDIRECT_URIS_MAX)
        return bad_redirect(r, "redirect_uris has no entry or more than 20");
    return keep_redirects(r, sent);
}

/* A client that does not say who it is goes by the place that it sends people to. */
static istauth_status name_after_redirect(const reading *r)
{
    istauth_str host = istauth_redirect_host(r->client->redirect_uris.items[0]);

    if (host.n > ISTAUTH_CLIENT_NAME_MAX)
        host.n = ISTAUTH_CLIENT_NAME_MAX; /* ASCII: no character is cut */
    return istauth_arena_copy(&r->client->name, r->arena, host) ? no_memory(r) : ISTAUTH_OK;
}

bool istauth__client_name_is_valid(istauth_str name)
{
    return name.n <= ISTAUTH_CLIENT_NAME_MAX && !istauth__is_blank(name) &&
           istauth__is_display_text(name);
}

static istauth_status read_name(const reading *r)
{
    istauth_str name;
    istauth_status st = get_text(r, &name, "client_name", "client_name is not a text");

    if (st)
        return st;
    if (istauth__is_blank(name))
        return name_after_redirect(r);
    if (!istauth__client_name_is_valid(name))
        return bad_metadata(r, "client_name is too long or holds control, direction or "
                               "invisible characters");
    r->client->name = name;
    return ISTAUTH_OK;
}

bool istauth__client_page_is_valid(istauth_str text)
{
    istauth__url url;

    return text.n <= ISTAUTH_CLIENT_URI_MAX && istauth__url_cut(&url, text) &&
           (istauth__equal_ignoring_case(url.scheme, ISTAUTH_STR("https")) ||
            istauth__equal_ignoring_case(url.scheme, ISTAUTH_STR("http"))) &&
           url.has_authority && !url.has_userinfo && istauth__url_host_is_valid(url.host) &&
           (!url.has_port || istauth__url_port_is_valid(url.port));
}

static istauth_status read_page(const reading *r, istauth_str *out, const char *name)
{
    istauth_str url;
    istauth_status st = get_text(r, &url, name, "the URL of a page of the client is not a text");

    if (st)
        return st;
    if (url.n && !istauth__client_page_is_valid(url))
        return bad_metadata(r, "a page of the client is not an http or https URL");
    *out = url;
    return ISTAUTH_OK;
}

static istauth_status read_software(const reading *r, istauth_str *out, const char *name)
{
    istauth_str text;
    istauth_status st =
        get_text(r, &text, name, "software_id or software_version is not a text");

    if (st)
        return st;
    if (text.n > SOFTWARE_MAX || !istauth__is_display_text(text))
        return bad_metadata(r, "software_id or software_version is too long or holds control "
                               "characters");
    *out = text;
    return ISTAUTH_OK;
}

static istauth_status read_about(const reading *r)
{
    istauth_client *c = r->client;
    istauth_status st;

    if ((st = read_page(r, &c->client_uri, "client_uri")) ||
        (st = read_page(r, &c->logo_uri, "logo_uri")) ||
        (st = read_page(r, &c->policy_uri, "policy_uri")) ||
        (st = read_page(r, &c->tos_uri, "tos_uri")) ||
        (st = read_software(r, &c->software_id, "software_id")))
        return st;
    return read_software(r, &c->software_version, "software_version");
}

/* RFC 7591 2 makes authorization_code alone the default. Real clients that leave it out expect a
 * refresh token all the same, and the response says what they got. */
static istauth_status read_grant_types(const reading *r)
{
    istauth_str_list sent;
    istauth_status st = istauth__json_get_list(&sent, NULL, r->arena, r->object, "grant_types");

    if (st == ISTAUTH_E_NO_MEMORY)
        return no_memory(r);
    if (st)
        return bad_metadata(r, "grant_types is not an array of texts");
    if (!sent.count || istauth__client_lists(sent, ISTAUTH_STR("refresh_token")))
        r->client->grant_types |= ISTAUTH_GRANT_REFRESH_TOKEN;
    if (sent.count && !istauth__client_lists(sent, ISTAUTH_STR("authorization_code")))
        return bad_metadata(r, "grant_types lacks authorization_code");
    r->client->grant_types |= ISTAUTH_GRANT_AUTHORIZATION_CODE;
    return ISTAUTH_OK;
}

static istauth_status read_response_types(const reading *r)
{
    istauth_str_list sent;
    istauth_status st = istauth__json_get_list(&sent, NULL, r->arena, r->object, "response_types");

    if (st == ISTAUTH_E_NO_MEMORY)
        return no_memory(r);
    if (st)
        return bad_metadata(r, "response_types is not an array of texts");
    if (sent.count && !istauth__client_lists(sent, ISTAUTH_STR("code")))
        return bad_metadata(r, "response_types lacks code");
    return ISTAUTH_OK;
}

/* What is known of it. A text that breaks the grammar counts as none: clients put what they have
 * into it, it grants nothing by itself, and a refusal would keep the browser from opening. */
static istauth_status read_scope(const reading *r)
{
    istauth_scope_set set = { 0 };
    istauth_str text;
    istauth_status st = get_text(r, &text, "scope", "scope is not a text");

    if (st)
        return st;
    if (istauth_scope_parse(&set, NULL, r->catalogue, text))
        return ISTAUTH_OK;
    return istauth_scope_print(&r->client->scopes, r->arena, r->catalogue, set) ? no_memory(r)
                                                                                : ISTAUTH_OK;
}

static istauth_status read_kind(const reading *r)
{
    istauth_str type;
    istauth_status st = get_text(r, &type, "application_type", "application_type is not a text");

    if (!st)
        r->client->native = istauth_str_equal(type, ISTAUTH_STR("native"));
    return st;
}

/* What it may not have becomes "none", and the response says so. */
static istauth_status read_auth(const reading *r)
{
    istauth_client_auth method;
    istauth_str name;
    istauth_status st = get_text(r, &name, "token_endpoint_auth_method",
                                 "token_endpoint_auth_method is not a text");

    if (!st && istauth_client_auth_read(&method, name) && (r->methods & 1u << method))
        r->client->auth = method;
    return st;
}

static istauth_status read_keys(const reading *r)
{
    istauth_client *c = r->client;
    istauth_status st;

    if (c->auth != ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT)
        return ISTAUTH_OK;
    st = istauth__client_read_keys(c, r->arena, r->object, r->error);
    if (!st && !c->jwks.n && !c->jwks_uri.n)
        return bad_metadata(r, "private_key_jwt without a key that is of use");
    return st;
}

static istauth_status read_all(const reading *r)
{
    istauth_status st;

    if ((st = read_redirects(r)) || (st = read_name(r)) || (st = read_about(r)) ||
        (st = read_grant_types(r)) || (st = read_response_types(r)) || (st = read_scope(r)) ||
        (st = read_kind(r)) || (st = read_auth(r)))
        return st;
    return read_keys(r);
}

istauth_status istauth__client_read(istauth_client *client, istauth_arena *arena,
                                    const istauth_scope_catalogue *catalogue, uint32_t methods,
                                    const struct cJSON *object, istauth_error *error)
{
    reading r = { client, arena, catalogue, methods, object, error };

    return read_all(&r);
}

istauth_status istauth_client_parse(istauth_client *client, istauth_arena *arena,
                                    const istauth_scope_catalogue *catalogue, uint32_t methods,
                                    istauth_str body, istauth_error *error)
{
    istauth_client made = { 0 };
    struct cJSON *object;
    istauth_status st = istauth__json_parse(&object, arena, body);

    if (st)
        return st == ISTAUTH_E_NO_MEMORY
                   ? istauth__fail(error, st, "no memory to read a registration")
                   : istauth__fail(error, ISTAUTH_E_INVALID_CLIENT_METADATA,
                                   "the body is not an acceptable JSON object");
    st = istauth__client_read(&made, arena, catalogue, methods, object, error);
    istauth__json_free(object);
    if (st)
        return st;
    *client = made;
    return ISTAUTH_OK;
}

istauth_status istauth_client_redirect(istauth_str *uri, const istauth_client *client,
                                       istauth_str requested, unsigned flags)
{
    istauth_str_list registered = client->redirect_uris;

    if (!requested.n && registered.count == 1)
        requested = registered.items[0]; /* RFC 6749 3.1.2.3; judged below like any other */
    for (size_t i = 0; i < registered.count; i++) {
        if (!istauth_redirect_matches(registered.items[i], requested, flags))
            continue;
        *uri = requested; /* with the port that the client listens on today */
        return ISTAUTH_OK;
    }
    return ISTAUTH_E_INVALID_REDIRECT_URI;
}
