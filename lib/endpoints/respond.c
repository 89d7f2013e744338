#include "endpoints/respond_i.h"

#include "base/json_i.h"
#include "base/text_i.h"

#define RETRY_AFTER_SECONDS 5

void istauth__respond(istauth_response *response, int status)
{
    memset(response, 0, sizeof(*response));
    response->status = status;
    istauth__add_header(response, "Cache-Control", ISTAUTH_STR("no-store"));
    istauth__add_header(response, "X-Content-Type-Options", ISTAUTH_STR("nosniff"));
}

/* RFC 9110 5.5, and nothing beyond ASCII: a header is no place for surprises. */
static bool is_field_value(istauth_str value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] < 0x20 || value.p[i] > 0x7E)
            return false;
    return true;
}

void istauth__add_header(istauth_response *response, const char *name, istauth_str value)
{
    istauth_header *h = &response->headers[response->header_count];

    if (response->header_count == ISTAUTH_RESPONSE_HEADERS || !is_field_value(value)) {
        istauth__respond(response, 500);
        return;
    }
    h->name = istauth_str_of(name);
    h->value = value;
    response->header_count++;
}

void istauth__make_cacheable(istauth_response *response, const char *cache_control)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (istauth_str_equal(response->headers[i].name, ISTAUTH_STR("Cache-Control")))
            response->headers[i].value = istauth_str_of(cache_control);
}

void istauth__respond_json(istauth_response *response, int status, istauth_str json)
{
    istauth__respond(response, status);
    istauth__add_header(response, "Content-Type", ISTAUTH_STR("application/json"));
    response->body = json;
}

void istauth__add_retry_after(istauth_response *response, unsigned seconds, istauth_arena *arena)
{
    istauth__buf b = istauth__buf_in(arena);
    istauth_str text = ISTAUTH_STR_INIT("60");

    istauth__buf_int(&b, (int64_t)seconds);
    (void)!istauth__buf_done(&text, &b); /* without memory a minute will do */
    istauth__add_header(response, "Retry-After", text);
}

static istauth_status print_error(istauth_str *body, istauth_status status, istauth_arena *arena)
{
    istauth__json j = istauth__json_in(arena);
    const char *error = istauth_status_oauth(status);

    istauth__json_open(&j, NULL, '{');
    /* RFC 6750 3.1 gives a request without credentials no error code, but a JSON body wants one. */
    istauth__json_str(&j, "error", istauth_str_of(error ? error : "invalid_token"));
    istauth__json_str(&j, "error_description", istauth_str_of(istauth_status_description(status)));
    istauth__json_close(&j, '}');
    return istauth__buf_done(body, &j.buf);
}

void istauth__respond_error(istauth_response *response, istauth_status status, istauth_arena *arena)
{
    istauth_str body = ISTAUTH_STR_INIT("{\"error\":\"temporarily_unavailable\"}");
    int http = istauth_status_http(status);

    if (print_error(&body, status, arena))
        http = 503; /* the status has to go with what the body says */
    istauth__respond_json(response, http, body);
    if (http == 503)
        istauth__add_retry_after(response, RETRY_AFTER_SECONDS, arena);
}

void istauth__respond_redirect(istauth_response *response, istauth_str location)
{
    istauth__respond(response, 303);
    istauth__add_header(response, "Location", location);
    istauth__add_header(response, "Referrer-Policy", ISTAUTH_STR("no-referrer"));
}
