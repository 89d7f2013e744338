/* Personal API tokens: the list, a new one, and the end of one. */
#include "settings.h"

#include "text.h"

#include <sodium.h>

#define DAY ((istauth_time)86400)
#define TOKENS_MAX 100 /* of one person: the store has room for so many of everyone's */

typedef struct expiry {
    const char *value, *label;
    istauth_time seconds; /* 0: never */
} expiry;

static const expiry expiries[] = {
    { "30", "30 days", 30 * DAY },
    { "90", "90 days", 90 * DAY },
    { "365", "1 year", 365 * DAY },
    { "never", "Never", 0 },
};

#define EXPIRIES (sizeof(expiries) / sizeof(expiries[0]))

/* --- the list --- */

static void write_expiry(visit *v, html *h, istauth_time expires_at)
{
    if (expires_at && expires_at <= v->now)
        html_raw(h, "<span class=\"plan\">Expired</span> ");
    html_date(h, expires_at, "Never");
}

static void write_token(visit *v, html *h, const istauth_personal_token *t)
{
    HTML_PUT(h, "<tr role=\"row\"><td role=\"cell\" class=\"title\"><strong>{}</strong></td>",
             t->name);
    html_raw(h, "<td role=\"cell\" data-label=\"Scopes\"><span class=\"scopes\">");
    page_scope_names(v, h, t->scopes);
    html_raw(h, "</span></td><td role=\"cell\" data-label=\"Workspaces\">");
    page_workspace_names(h, v->person, t->workspaces);
    html_raw(h, "</td><td role=\"cell\" data-label=\"Created\">");
    html_date(h, t->created_at, "");
    html_raw(h, "</td><td role=\"cell\" data-label=\"Last used\">");
    html_ago(h, t->used_at, v->now);
    html_raw(h, "</td><td role=\"cell\" data-label=\"Expires\">");
    write_expiry(v, h, t->expires_at);
    html_raw(h, "</td><td role=\"cell\" class=\"action\"><a class=\"trash\" "
                "href=\"/settings/tokens/delete?id=");
    html_url(h, istauth_id_str(&t->id));
    HTML_PUT(h, "\" aria-label=\"Delete {}\" title=\"Delete\">" ICON_TRASH "</a></td></tr>",
             t->name);
}

static void write_table(visit *v, html *h, const istauth_personal_tokens *tokens)
{
    html_raw(h, "<div class=\"panel\"><table role=\"table\"><thead role=\"rowgroup\">"
                "<tr role=\"row\"><th role=\"columnheader\" scope=\"col\">Name</th>"
                "<th role=\"columnheader\" scope=\"col\">Scopes</th>"
                "<th role=\"columnheader\" scope=\"col\">Workspaces</th>"
                "<th role=\"columnheader\" scope=\"col\">Created</th>"
                "<th role=\"columnheader\" scope=\"col\">Last used</th>"
                "<th role=\"columnheader\" scope=\"col\">Expires</th>"
                "<th role=\"columnheader\" scope=\"col\"><span class=\"unseen\">Delete</span>"
                "</th></tr></thead><tbody role=\"rowgroup\">");
    for (size_t i = 0; i < tokens->count; i++)
        write_token(v, h, &tokens->items[i]);
    html_raw(h, "</tbody></table></div>");
}

static istauth_status write_list(visit *v, html *h)
{
    istauth_personal_tokens tokens;
    istauth_status status =
        istauth_personal_tokens_list(&tokens, v->site->server, v->person->subject, v->arena);

    if (status)
        return status;
    if (tokens.count)
        write_table(v, h, &tokens);
    else
        html_raw(h, "<div class=\"panel empty\"><h2>No token yet</h2><p>Apps connect without one. "
                    "Make a token for a script of your own.</p></div>");
    return ISTAUTH_OK;
}

/* --- the form --- */

/* What the person can mend in the form. Everything else is an error page. */
typedef struct mistake {
    istauth_status status;
    const char *advice;
    bool about_workspaces;
} mistake;

static const mistake mistakes[] = {
    { ISTAUTH_E_ARGUMENT,
      "Give the token a name of at most 120 characters, and choose when it expires.", false },
    { ISTAUTH_E_INVALID_SCOPE, "Choose what the token may do.", false },
    { ISTAUTH_E_NO_WORKSPACE, "Choose at least one workspace.", true },
    { ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE,
      "One of those workspaces cannot be chosen. Please choose again.", true },
};

static const mistake *mistake_of(istauth_status status)
{
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
        if (mistakes[i].status == status)
            return &mistakes[i];
    return NULL;
}

static void write_expiries(html *h, istauth_str chosen)
{
    html_raw(h, "<label class=\"field\"><span>Expires after</span><select name=\"expiry\">");
    for (size_t i = 0; i < EXPIRIES; i++) {
        HTML_PUT(h, "<option value=\"{}\"", istauth_str_of(expiries[i].value));
        html_raw(h, text_is(chosen, expiries[i].value) ? " selected>" : ">");
        HTML_PUT(h, "{}</option>", istauth_str_of(expiries[i].label));
    }
    html_raw(h, "</select></label>");
}

static void write_name_field(html *h, istauth_str name)
{
    HTML_PUT(
        h,
        "<label class=\"field\"><span>Name</span><input name=\"name\" maxlength=\"120\" "
        "required autocomplete=\"off\" placeholder=\"What will use it?\" value=\"{}\"></label>",
        name);
}

/* With what was sent before, when that was not good enough. */
static void write_form(visit *v, html *h, const mistake *m)
{
    istauth_str_list chosen = { NULL, 0 };
    bool read_only = m && text_is(form_get(&v->fields, "access"), "mcp:read");

    if (m && !form_all(&chosen, &v->fields, "workspace", v->arena))
        chosen.count = 0;
    html_raw(h, "<section class=\"panel form\"><h2 id=\"new-token\">New token</h2>"
                "<form method=\"post\" action=\"/settings/tokens\" aria-labelledby=\"new-token\">");
    page_csrf_field(v, h);
    if (m && !m->about_workspaces)
        page_notice(h, "error", m->advice);
    html_raw(h, "<div class=\"two\">");
    write_name_field(h, m ? form_get(&v->fields, "name") : ISTAUTH_STR(""));
    write_expiries(h, m ? form_get(&v->fields, "expiry") : ISTAUTH_STR("90"));
    html_raw(h, "</div><div class=\"two\">");
    page_access_choice(v, h, read_only);
    page_workspaces(h, v->person->workspaces, chosen, m && m->about_workspaces ? m->advice : NULL);
    html_raw(h, "</div><button class=\"primary\" type=\"submit\">Create token</button></form>"
                "</section>");
}

static void write_page(visit *v, int http, const mistake *m)
{
    bool deleted = text_is(form_get(&v->fields, "done"), "deleted");
    html h = settings_begin(v, TAB_TOKENS, "Personal API tokens");
    istauth_status status;

    if (deleted)
        page_notice(&h, "success", "Deleted. The token does not work any more.");
    html_raw(&h,
             "<p class=\"intro\">For scripts that call the MCP endpoint on your behalf. Whoever "
             "has a token can do what it allows: keep it like a password.</p>");
    status = write_list(v, &h);
    if (status) {
        page_error_for(v, status);
        return;
    }
    write_form(v, &h, m);
    settings_end(v, &h, http);
}

void page_tokens(visit *v)
{
    write_page(v, 200, NULL);
}

/* --- a new one --- */

static void write_example(visit *v, html *h)
{
    HTML_PUT(
        h,
        "<h2>Try it</h2><p class=\"hint\">With the token in the variable <code>ISTEAM_TOKEN</code>:"
        "</p><pre tabindex=\"0\"><code>curl -sS {} \\\n"
        "  -H \"Authorization: Bearer $ISTEAM_TOKEN\" \\\n"
        "  -H \"Content-Type: application/json\" \\\n"
        "  -H \"Accept: application/json, text/event-stream\" \\\n"
        "  -d '{}'</code></pre>",
        v->site->resource, ISTAUTH_STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"));
}

/* The only page that ever holds a token. The script brings the button; the field can be selected
 * and copied without. */
static void show(visit *v, istauth_str name, istauth_str token)
{
    html h = settings_begin(v, TAB_TOKENS, "Your new token");

    html_raw(&h, "<section class=\"panel form\">");
    page_notice(&h, "success", "The token was created.");
    HTML_PUT(
        &h,
        "<label class=\"field\" for=\"token\"><span>{}</span></label><div class=\"copy\">"
        "<input id=\"token\" class=\"copyable\" readonly value=\"{}\" autocomplete=\"off\" "
        "spellcheck=\"false\" aria-describedby=\"once\">"
        "<button type=\"button\" id=\"copy\" class=\"primary\" hidden>Copy</button></div>"
        "<p class=\"hint\" id=\"once\">Copy it now: it is not shown again. We keep only a hash "
        "of it.</p><p class=\"unseen\" id=\"copied\" role=\"status\"></p>",
        name, token);
    write_example(v, &h);
    html_raw(&h, "<p class=\"after\"><a class=\"button\" href=\"/settings/tokens\">Done</a></p>"
                 "</section><script src=\"/copy.js\"></script>");
    settings_end(v, &h, 200);
    page_allow_script(v);
}

static bool read_expiry(istauth_time *expires_at, const visit *v)
{
    for (size_t i = 0; i < EXPIRIES; i++) {
        if (text_is(form_get(&v->fields, "expiry"), expiries[i].value)) {
            *expires_at = expiries[i].seconds ? v->now + expiries[i].seconds : 0;
            return true;
        }
    }
    return false;
}

static const mistake too_many = {
    ISTAUTH_E_ACCESS_DENIED,
    "You have as many tokens as one account may have. Delete one that nothing uses any more.", false
};

static istauth_status is_crowded(bool *crowded, visit *v)
{
    istauth_personal_tokens tokens;
    istauth_status status =
        istauth_personal_tokens_list(&tokens, v->site->server, v->person->subject, v->arena);

    if (!status)
        *crowded = tokens.count >= TOKENS_MAX;
    return status;
}

static istauth_status create(visit *v, char token[ISTAUTH_TOKEN_SIZE])
{
    istauth_personal_wish wish = { .name = text_trimmed(form_get(&v->fields, "name")),
                                   .scopes = form_get(&v->fields, "access") };
    istauth_id id;

    if (!read_expiry(&wish.expires_at, v))
        return ISTAUTH_E_ARGUMENT;
    if (!text_is(wish.scopes, "mcp") && !text_is(wish.scopes, "mcp:read"))
        return ISTAUTH_E_INVALID_SCOPE; /* a script has no use for the others */
    if (!form_all(&wish.workspaces, &v->fields, "workspace", v->arena))
        return ISTAUTH_E_NO_MEMORY;
    return istauth_personal_token_create(token, &id, v->site->server, v->person->subject, &wish,
                                         v->arena);
}

void page_token_create(visit *v)
{
    char token[ISTAUTH_TOKEN_SIZE] = "";
    istauth_status status;
    bool crowded = false;

    if (!settings_form_is_ours(v))
        return;
    status = is_crowded(&crowded, v);
    if (crowded) {
        write_page(v, 403, &too_many);
        return;
    }
    if (!status)
        status = create(v, token);
    if (!status)
        show(v, form_get(&v->fields, "name"), istauth_str_of(token));
    else if (mistake_of(status))
        write_page(v, status == ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE ? 403 : 400, mistake_of(status));
    else
        page_error_for(v, status);
    sodium_memzero(token, sizeof(token));
}

/* --- the end of one --- */

static istauth_status find(visit *v, istauth_personal_token *found, istauth_str id)
{
    istauth_personal_tokens tokens;
    istauth_status status =
        istauth_personal_tokens_list(&tokens, v->site->server, v->person->subject, v->arena);

    if (status)
        return status;
    for (size_t i = 0; i < tokens.count; i++) {
        if (istauth_str_equal(istauth_id_str(&tokens.items[i].id), id)) {
            *found = tokens.items[i];
            return ISTAUTH_OK;
        }
    }
    return ISTAUTH_E_NOT_FOUND;
}

void page_token_delete(visit *v)
{
    settings_question q = {
        .title = "Delete {}?",
        .text = "Whatever uses this token stops working at once. A deleted token cannot be "
                "brought back.",
        .action = "/settings/tokens/delete",
        .yes = "Delete",
        .no = "Keep",
        .back = "/settings/tokens",
    };
    istauth_personal_token token;
    istauth_status status = find(v, &token, form_get(&v->fields, "id"));
    html h;

    if (status) {
        page_error_for(v, status);
        return;
    }
    q.name = token.name;
    h = settings_question_begin(v, &q);
    page_hidden(&h, "id", istauth_id_str(&token.id));
    settings_question_end(v, &h, &q);
}

void page_token_delete_answer(visit *v)
{
    istauth_status status;

    if (!settings_form_is_ours(v))
        return;
    status = istauth_personal_token_revoke(v->site->server, v->person->subject,
                                           form_get(&v->fields, "id"));
    if (status)
        page_error_for(v, status);
    else
        page_redirect(v, ISTAUTH_STR("/settings/tokens?done=deleted"));
}
