#include <istauth/metadata_document.h>

#include "base/error_i.h"
#include "base/json_i.h"
#include "base/text_i.h"
#include "rules/client_i.h"

/* A document while it is read. */
typedef struct reading {
    istauth_client *client;
    istauth_arena *arena;
    istauth_str url;
    uint32_t methods;
    const struct cJSON *object;
    istauth_error *error;
} reading;

static istauth_status bad(const reading *r, const char *why)
{
    return istauth__fail(r->error, ISTAUTH_E_INVALID_CLIENT_METADATA, why);
}

static istauth_status no_memory(const reading *r)
{
    return istauth__fail(r->error, ISTAUTH_E_NO_MEMORY, "no memory to read a document");
}

static istauth_status get_text(const reading *r, istauth_str *out, const char *name,
                               const char *complaint)
{
    istauth_status st = istauth__json_get_str(out, r->arena, r->object, name);

    if (st == ISTAUTH_E_NO_MEMORY)
        return no_memory(r);
    return st ? bad(r, complaint) : ISTAUTH_OK;
}

/* --- what no document may hold --- */

/* As a browser reads the start of a URL: without what precedes it, in any case of letters. */
static bool is_script(istauth_str text)
{
    static const char *const schemes[] = { "javascript:", "data:", "vbscript:" };
    size_t from = 0;

    while (from < text.n && (unsigned char)text.p[from] <= ' ')
        from++;
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        istauth_str scheme = istauth_str_of(schemes[i]);

        if (text.n - from >= scheme.n &&
            istauth__equal_ignoring_case(istauth__slice(text, from, from + scheme.n), scheme))
            return true;
    }
    return false;
}

static bool is_secret_member(istauth_str name)
{
    return istauth__starts_with(name, ISTAUTH_STR("client_secret"));
}

/* Everyone can read the document (section 4.1). */
static istauth_status check_public(const reading *r)
{
    if (istauth__json_any_name(r->object, is_secret_member))
        return bad(r, "a public document holds a client secret");
    if (istauth__json_any_text(r->object, is_script))
        return bad(r, "a text is a javascript or data URL");
    return ISTAUTH_OK;
}

static istauth_status check_identity(const reading *r)
{
    istauth_str id, name;
    istauth_status st = get_text(r, &id, "client_id", "client_id is not a text");

    if (st)
        return st;
    if (!istauth_str_equal(id, r->url))
        return bad(r, "client_id is not the document's own URL");
    st = get_text(r, &name, "client_name", "client_name is not a text");
    if (st)
        return st;
    return istauth__is_blank(name) ? bad(r, "client_name is missing") : ISTAUTH_OK;
}

/* --- how it proves itself --- */

/* client_secret_basic, client_secret_post, client_secret_jwt. */
static bool is_shared_secret(istauth_str method)
{
    return istauth__starts_with(method, ISTAUTH_STR("client_secret"));
}

/* The bit of a method; 0 for one that is not known here. */
static uint32_t bit_of(istauth_str name)
{
    istauth_client_auth method;

    return istauth_client_auth_read(&method, name) ? UINT32_C(1) << method : 0;
}

/* Which methods it offers, as bits. The list says more than the single one, which is part of it. */
static istauth_status read_offer(const reading *r, uint32_t *offer)
{
    istauth_str_list list;
    istauth_str one;
    bool listed;
    istauth_status st = istauth__json_get_list(&list, &listed, r->arena, r->object,
                                               "token_endpoint_auth_methods_supported");

    if (st)
        return st == ISTAUTH_E_NO_MEMORY
                   ? no_memory(r)
                   : bad(r, "token_endpoint_auth_methods_supported is not an array of texts");
    st = get_text(r, &one, "token_endpoint_auth_method",
                  "token_endpoint_auth_method is not a text");
    if (st)
        return st;
    if (listed && one.n && !istauth__client_lists(list, one))
        return bad(r, "token_endpoint_auth_method is not among those supported");
    if (!listed)
        list = (istauth_str_list){ &one, 1 };
    *offer = !listed && !one.n ? UINT32_C(1) << ISTAUTH_CLIENT_AUTH_NONE : 0;
    for (size_t i = 0; i < list.count; i++) {
        if (is_shared_secret(list.items[i]))
            return bad(r, "a document's client cannot share a secret");
        *offer |= bit_of(list.items[i]);
    }
    return ISTAUTH_OK;
}

static istauth_status read_method(const reading *r)
{
    const uint32_t none = UINT32_C(1) << ISTAUTH_CLIENT_AUTH_NONE,
                   key = UINT32_C(1) << ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT;
    uint32_t offer = 0;
    istauth_status st = read_offer(r, &offer);

    if (st)
        return st;
    r->client->auth = ISTAUTH_CLIENT_AUTH_NONE;
    if (offer & none)
        return ISTAUTH_OK;
    if (!(offer & r->methods & key))
        return bad(r, "no authentication method in common");
    if (!r->client->jwks.n && !r->client->jwks_uri.n)
        return bad(r, "private_key_jwt without a key that is of use");
    r->client->auth = ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT;
    return ISTAUTH_OK;
}

static istauth_status read_all(const reading *r, const istauth_scope_catalogue *catalogue)
{
    istauth_status st;

    if ((st = check_public(r)) || (st = check_identity(r)) ||
        (st = istauth__client_read(r->client, r->arena, catalogue, 0, r->object, r->error)) ||
        (st = istauth__client_read_keys(r->client, r->arena, r->object, r->error)))
        return st;
    return read_method(r);
}

istauth_status istauth_document_parse(istauth_client *client, istauth_arena *arena,
                                      const istauth_scope_catalogue *catalogue, uint32_t methods,
                                      istauth_str url, istauth_str body, istauth_error *error)
{
    istauth_client made = { .client_id = url, .origin = ISTAUTH_CLIENT_DOCUMENT };
    reading r = { &made, arena, url, methods, NULL, error };
    struct cJSON *object;
    istauth_status st;

    if (body.n > ISTAUTH_DOCUMENT_MAX)
        return bad(&r, "the document is over 5120 bytes");
    st = istauth__json_parse(&object, arena, body);
    if (st)
        return st == ISTAUTH_E_NO_MEMORY ? no_memory(&r)
                                         : bad(&r, "the document is not an acceptable JSON object");
    r.object = object;
    st = read_all(&r, catalogue);
    istauth__json_free(object);
    if (st)
        return st;
    *client = made;
    return ISTAUTH_OK;
}
