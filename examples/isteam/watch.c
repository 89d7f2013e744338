#include "watch.h"

#include "text.h"

static void serve_metrics(const watch *w, istauth_response *response, istauth_arena *arena)
{
    istauth_str text = metrics_text(w->numbers, arena);

    response->status = text.n ? 200 : 503;
    response->body = text;
    response->headers[0] =
        (istauth_header){ ISTAUTH_STR("Content-Type"),
                          ISTAUTH_STR("text/plain; version=0.0.4; charset=utf-8") };
    response->header_count = 1;
}

void watch_handle(void *ctx, istauth_response *response, const istauth_request *request,
                  bool too_large, istauth_arena *arena)
{
    const watch *w = ctx;

    if (too_large)
        response->status = 413;
    else if (text_is(request->path, "/metrics") && text_is(request->method, "GET"))
        serve_metrics(w, response, arena);
    else if (!health_serve(w->health, response, request, arena))
        response->status = 404;
}
