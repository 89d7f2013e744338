#include "assets.h"

#include "style.h"
#include "text.h"

/* The button "Copy" beside a new token. Without it the field can be selected by hand. */
static const char copy_js[] =
    "(function () {\n"
    "  'use strict';\n"
    "  var field = document.getElementById('token');\n"
    "  var button = document.getElementById('copy');\n"
    "  var status = document.getElementById('copied');\n"
    "  function done() {\n"
    "    button.textContent = 'Copied';\n"
    "    status.textContent = 'The token is on the clipboard.';\n"
    "  }\n"
    "  function byHand() {\n"
    "    field.select();\n"
    "    if (document.execCommand('copy')) { done(); }\n"
    "  }\n"
    "  field.addEventListener('focus', function () { field.select(); });\n"
    "  button.hidden = false;\n"
    "  button.addEventListener('click', function () {\n"
    "    if (!navigator.clipboard) { byHand(); return; }\n"
    "    navigator.clipboard.writeText(field.value).then(done, byHand);\n"
    "  });\n"
    "}());\n";

static const char icon_svg[] = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\">"
                               "<rect width=\"32\" height=\"32\" rx=\"9\" fill=\"#0d6b63\"/>"
                               "<path d=\"M10 9.5v13M16 9.5v7M22 9.5v10\" fill=\"none\" "
                               "stroke=\"#fff\" stroke-width=\"3\" stroke-linecap=\"round\" "
                               "stroke-linejoin=\"round\"/></svg>\n";

/* A face each: shapes, because text would need a font. */
#define FACE(ground, hair, skin, dress)                                                          \
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\"><rect width=\"64\" "        \
    "height=\"64\" fill=\"" ground "\"/><circle cx=\"32\" cy=\"25\" r=\"15\" fill=\"" hair     \
    "\"/><path d=\"M8 64c0-14 10-22 24-22s24 8 24 22z\" fill=\"" dress                          \
    "\"/><ellipse cx=\"32\" cy=\"29\" rx=\"10\" ry=\"12\" fill=\"" skin "\"/></svg>\n"

static const char ada_svg[] = FACE("#d9ece9", "#3b2a20", "#f0cdb4", "#7a3e8e");
static const char grace_svg[] = FACE("#e7e3f4", "#8a8f98", "#f3d3bd", "#1f3a5f");

static void add(istauth_response *response, istauth_str name, istauth_str value)
{
    response->headers[response->header_count++] = (istauth_header){ name, value };
}

static void serve(istauth_response *response, istauth_str type, istauth_str body)
{
    response->status = 200;
    response->body = body;
    add(response, ISTAUTH_STR("Content-Type"), type);
    add(response, ISTAUTH_STR("Cache-Control"), ISTAUTH_STR("public, max-age=300"));
    add(response, ISTAUTH_STR("X-Content-Type-Options"), ISTAUTH_STR("nosniff"));
    add(response, ISTAUTH_STR("Content-Security-Policy"),
        ISTAUTH_STR("default-src 'none'; frame-ancestors 'none'"));
}

bool assets_serve(istauth_response *response, const istauth_request *request, istauth_arena *arena)
{
    if (!text_is(request->method, "GET") && !text_is(request->method, "HEAD"))
        return false;
    if (text_is(request->path, "/style.css"))
        serve(response, ISTAUTH_STR("text/css; charset=utf-8"), style_sheet(arena));
    else if (text_is(request->path, "/copy.js"))
        serve(response, ISTAUTH_STR("text/javascript; charset=utf-8"), istauth_str_of(copy_js));
    else if (text_is(request->path, "/icon.svg"))
        serve(response, ISTAUTH_STR("image/svg+xml"), istauth_str_of(icon_svg));
    else if (text_is(request->path, "/people/ada.svg"))
        serve(response, ISTAUTH_STR("image/svg+xml"), istauth_str_of(ada_svg));
    else if (text_is(request->path, "/people/grace.svg"))
        serve(response, ISTAUTH_STR("image/svg+xml"), istauth_str_of(grace_svg));
    else
        return false;
    return true;
}
