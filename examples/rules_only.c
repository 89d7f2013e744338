/* Unit tests of auth logic with nothing but the rules: no server, no store, no clock, no socket.
 *
 * The rules of libistauth are functions from values to a verdict, and so can yours be. The first
 * half of this file is the policy of an imaginary notes server: its scopes, its tools, and one
 * function that decides a call. The second half tests that function, and shows how to test what you
 * build on the library's rules: a table per question, and beside each row that is let in one that
 * nearly is.
 *
 *   cc rules_only.c $(pkg-config --cflags --libs libistauth) -o rules_only && ./rules_only
 *
 * It prints TAP, and exits with 1 when a test failed. */
#include <istauth/challenge.h>
#include <istauth/pkce.h>
#include <istauth/policy.h>
#include <istauth/redirect.h>
#include <istauth/token.h>

#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- the policy: what you would have in a file of its own, and give to istauth_config --- */

static const istauth_scope scopes[] = {
    { ISTAUTH_STR_INIT("notes:read"), ISTAUTH_STR_INIT("Read your notes"), { NULL, 0 }, 0 },
    { ISTAUTH_STR_INIT("notes:write"), ISTAUTH_STR_INIT("Write notes for you"),
      ISTAUTH_STR_INIT("notes:read"), 0 },
    { ISTAUTH_STR_INIT("notes:admin"), ISTAUTH_STR_INIT("Empty and delete workspaces"),
      ISTAUTH_STR_INIT("notes:write"), 0 },
    { ISTAUTH_STR_INIT("profile"),
      ISTAUTH_STR_INIT("See your name"),
      { NULL, 0 },
      ISTAUTH_SCOPE_IDENTITY },
};

typedef struct tool {
    const char *name;
    istauth_str scope;
    bool in_workspace; /* it touches one, and has to name it */
    bool people_only;  /* not for machines, whatever they were granted */
} tool;

static const tool tools[] = {
    { "list_workspaces", ISTAUTH_STR_INIT("notes:read"), false, false },
    { "read_note", ISTAUTH_STR_INIT("notes:read"), true, false },
    { "write_note", ISTAUTH_STR_INIT("notes:write"), true, false },
    { "delete_workspace", ISTAUTH_STR_INIT("notes:admin"), true, true },
};

/* May this access call this tool on this workspace (empty: none)? NOT_FOUND: no such tool.
 * ARGUMENT: it needs a workspace and none is named, or the other way round. What is left the
 * library's rule decides. */
static istauth_status may_call(const istauth_scope_catalogue *catalogue,
                               const istauth_access *access, const char *name,
                               istauth_str workspace)
{
    const tool *t = tools;
    istauth_operation operation;

    while (t < tools + COUNT(tools) && strcmp(t->name, name) != 0)
        t++;
    if (t == tools + COUNT(tools))
        return ISTAUTH_E_NOT_FOUND;
    if (t->in_workspace != (workspace.n > 0))
        return ISTAUTH_E_ARGUMENT;
    if (t->people_only && access->machine)
        return ISTAUTH_E_ACCESS_DENIED;
    operation.scope = t->scope;
    operation.workspace = workspace;
    return istauth_policy_check(catalogue, access, &operation);
}

/* --- a test harness of twenty lines --- */

static int tests, failures;
static bool table_holds;

static void begin(void)
{
    table_holds = true;
}

static void row(bool holds, const char *what)
{
    if (!holds)
        printf("# does not hold: %s\n", what);
    table_holds = table_holds && holds;
}

static void end(const char *sentence)
{
    failures += !table_holds;
    printf("%sok %d - %s\n", table_holds ? "" : "not ", ++tests, sentence);
}

static bool says(istauth_str text, const char *want)
{
    return istauth_str_equal(text, istauth_str_of(want));
}

/* --- her policy --- */

static istauth_scope_catalogue catalogue;

/* An access as istauth_verify gives it, made by hand: that is all that a policy ever sees. */
static istauth_access access_with(const char *granted)
{
    static const istauth_str chosen[] = { ISTAUTH_STR_INIT("ws_team"),
                                          ISTAUTH_STR_INIT("ws_home") };
    istauth_access access = { .kind = ISTAUTH_TOKEN_ACCESS,
                              .subject = ISTAUTH_STR("ada"),
                              .client_id = ISTAUTH_STR("app"),
                              .workspaces = { chosen, COUNT(chosen) } };

    row(!istauth_scope_parse(&access.scopes, NULL, &catalogue, istauth_str_of(granted)), granted);
    return access;
}

static void people_call_tools(void)
{
    static const struct {
        const char *granted, *tool, *workspace;
        istauth_status want;
    } rows[] = {
        { "notes:read", "read_note", "ws_team", ISTAUTH_OK },
        { "notes:read", "list_workspaces", "", ISTAUTH_OK },
        { "notes:write", "read_note", "ws_home", ISTAUTH_OK },
        { "notes:write", "write_note", "ws_team", ISTAUTH_OK },
        { "notes:admin", "write_note", "ws_team", ISTAUTH_OK }, /* through two implications */
        { "notes:admin", "delete_workspace", "ws_team", ISTAUTH_OK },
        /* one scope short */
        { "notes:read", "write_note", "ws_team", ISTAUTH_E_INSUFFICIENT_SCOPE },
        { "notes:write", "delete_workspace", "ws_team", ISTAUTH_E_INSUFFICIENT_SCOPE },
        { "profile", "list_workspaces", "", ISTAUTH_E_INSUFFICIENT_SCOPE },
        { "", "read_note", "ws_team", ISTAUTH_E_INSUFFICIENT_SCOPE },
        /* a workspace that was not chosen, whatever the scope */
        { "notes:admin", "read_note", "ws_navy", ISTAUTH_E_WORKSPACE_NOT_GRANTED },
        { "notes:admin", "read_note", "ws_tea", ISTAUTH_E_WORKSPACE_NOT_GRANTED },
        { "notes:admin", "read_note", "WS_TEAM", ISTAUTH_E_WORKSPACE_NOT_GRANTED },
        { "notes:admin", "read_note", "ws_team ", ISTAUTH_E_WORKSPACE_NOT_GRANTED },
        /* no workspace where one is touched, one where none is, no such tool */
        { "notes:admin", "read_note", "", ISTAUTH_E_ARGUMENT },
        { "notes:admin", "list_workspaces", "ws_team", ISTAUTH_E_ARGUMENT },
        { "notes:admin", "drop_database", "ws_team", ISTAUTH_E_NOT_FOUND },
        { "notes:admin", "", "ws_team", ISTAUTH_E_NOT_FOUND },
    };

    begin();
    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_access access = access_with(rows[i].granted);

        row(may_call(&catalogue, &access, rows[i].tool, istauth_str_of(rows[i].workspace)) ==
                rows[i].want,
            rows[i].tool);
    }
    end("a tool opens to its scope, in the workspaces that were chosen");
}

static void machines_delete_nothing(void)
{
    istauth_access machine;

    begin();
    machine = access_with("notes:admin");
    machine.machine = true;
    machine.subject = istauth_str_of(NULL);
    row(!may_call(&catalogue, &machine, "write_note", ISTAUTH_STR("ws_team")), "may write");
    row(may_call(&catalogue, &machine, "delete_workspace", ISTAUTH_STR("ws_team")) ==
            ISTAUTH_E_ACCESS_DENIED,
        "may not delete");
    end("a machine with every scope writes, and deletes no workspace");
}

/* A misspelt scope in the table of tools would close that tool for good: find it before the users
 * do. */
static void every_tool_names_a_scope_that_exists(void)
{
    begin();
    for (size_t i = 0; i < COUNT(tools); i++) {
        istauth_scope_set needed;
        size_t unknown = 1;

        row(!istauth_scope_parse(&needed, &unknown, &catalogue, tools[i].scope) && !unknown &&
                !istauth_scope_is_empty(needed),
            tools[i].name);
    }
    end("every tool names a scope of the catalogue");
}

static void scopes_are_read_and_printed(void)
{
    static const struct {
        const char *text, *closure;
        size_t unknown;
        istauth_status want;
    } rows[] = {
        { "notes:write", "notes:read notes:write", 0, ISTAUTH_OK },
        { "profile notes:admin", "notes:read notes:write notes:admin profile", 0, ISTAUTH_OK },
        { "notes:read notes:read", "notes:read", 0, ISTAUTH_OK },
        { "notes:read offline_access", "notes:read", 1, ISTAUTH_OK }, /* clients ask for anything */
        { "Notes:read", "", 1, ISTAUTH_OK },
        { "", "", 0, ISTAUTH_OK },
        { "notes:read  notes:write", NULL, 0, ISTAUTH_E_INVALID_SCOPE },
        { "notes:read ", NULL, 0, ISTAUTH_E_INVALID_SCOPE },
        { "notes:\"read\"", NULL, 0, ISTAUTH_E_INVALID_SCOPE },
    };

    begin();
    for (size_t i = 0; i < COUNT(rows); i++) {
        char room[512];
        istauth_arena arena;
        istauth_scope_set set;
        istauth_str text;
        size_t unknown = 0;
        istauth_status st =
            istauth_scope_parse(&set, &unknown, &catalogue, istauth_str_of(rows[i].text));

        istauth_arena_init(&arena, room, sizeof(room), NULL, 0);
        row(st == rows[i].want && unknown == rows[i].unknown, rows[i].text);
        if (!st)
            row(!istauth_scope_print(&text, &arena, &catalogue,
                                     istauth_scope_closure(&catalogue, set)) &&
                    says(text, rows[i].closure),
                rows[i].text);
        istauth_arena_wipe(&arena);
    }
    end("a scope brings what it implies, and what is unknown is dropped and counted");
}

/* --- the library's rules, as your own code may call them --- */

static void pkce_holds_the_vector_of_the_rfc(void)
{
    /* RFC 7636, appendix B. */
    static const char *const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    static const struct {
        const char *verifier;
        istauth_status want;
    } rows[] = {
        { "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", ISTAUTH_OK },
        { "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", ISTAUTH_E_PKCE_MISMATCH },
        { "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX", ISTAUTH_E_PKCE_MISMATCH }, /* short */
        { "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk=", ISTAUTH_E_PKCE_MISMATCH },
        { "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", ISTAUTH_E_PKCE_MISMATCH }, /* as "plain" */
        { "", ISTAUTH_E_PKCE_MISMATCH },
    };

    begin();
    for (size_t i = 0; i < COUNT(rows); i++)
        row(istauth_pkce_verify(istauth_str_of(challenge), istauth_str_of(rows[i].verifier)) ==
                rows[i].want,
            rows[i].verifier);
    row(!istauth_pkce_challenge_check(istauth_str_of(challenge), ISTAUTH_STR("S256")), "S256");
    row(istauth_pkce_challenge_check(istauth_str_of(challenge), ISTAUTH_STR("plain")) ==
            ISTAUTH_E_INVALID_REQUEST,
        "plain");
    row(istauth_pkce_challenge_check(istauth_str_of(challenge), istauth_str_of(NULL)) ==
            ISTAUTH_E_INVALID_REQUEST,
        "no method means plain");
    end("PKCE takes the RFC's verifier for the RFC's challenge, and no other");
}

static void redirects_match_byte_for_byte(void)
{
    static const struct {
        const char *registered, *requested;
        bool want;
    } rows[] = {
        { "https://app.example/cb", "https://app.example/cb", true },
        { "https://app.example/cb", "https://app.example/cb/", false },
        { "https://app.example/cb", "https://app.example/CB", false },
        { "https://app.example/cb", "https://app.example/cb?x=1", false },
        { "https://app.example/cb", "https://app.example:8443/cb", false },
        { "https://app.example/cb", "https://app.example.evil/cb", false },
        { "https://app.example/cb", "http://app.example/cb", false },
        /* a program on the person's machine takes whatever port is free (RFC 8252 7.3) */
        { "http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", true },
        { "http://[::1]:1/cb", "http://[::1]:2/cb", true },
        { "http://127.0.0.1/cb", "http://127.0.0.1:49152/other", false },
        { "http://127.0.0.1/cb", "http://127.0.0.2:49152/cb", false },
        { "http://127.0.0.1/cb", "http://localhost:49152/cb", false },
        { "com.example.app:/cb", "com.example.app:/cb", true },
        { "com.example.app:/cb", "com.example.app2:/cb", false },
    };

    begin();
    for (size_t i = 0; i < COUNT(rows); i++)
        row(istauth_redirect_matches(istauth_str_of(rows[i].registered),
                                     istauth_str_of(rows[i].requested), 0) == rows[i].want,
            rows[i].requested);
    row(istauth_redirect_check(ISTAUTH_STR("javascript:alert(1)")) == ISTAUTH_REDIRECT_REFUSED,
        "a scheme that a browser runs");
    row(istauth_redirect_check(ISTAUTH_STR("http://app.example/cb")) == ISTAUTH_REDIRECT_REFUSED,
        "http to another machine");
    end("a redirect URI matches byte for byte, but for a loopback address's port");
}

static void tokens_are_recognised(void)
{
    static const uint8_t random[ISTAUTH_TOKEN_RANDOM] = { 1, 2, 3 }; /* fixed: the token is, too */
    const istauth_str prefix = ISTAUTH_STR("ist");
    char text[ISTAUTH_TOKEN_SIZE];
    istauth_key key, again;
    istauth_str token;

    begin();
    row(!istauth_token_mint(text, &key, ISTAUTH_TOKEN_ACCESS, prefix, random), "minted");
    token = istauth_str_of(text);
    again = istauth_token_key(token);
    row(istauth_key_equal(&key, &again), "the key is the text's alone");
    row(token.n == 55 && strncmp(text, "ist_at_AQID", 11) == 0, "its text");
    row(istauth_token_recognise(prefix, token) == ISTAUTH_TOKEN_ACCESS, "its kind");
    row(istauth_token_recognise(ISTAUTH_STR("abc"), token) == ISTAUTH_TOKEN_NONE, "prefix");
    text[10]++; /* the checksum knows without a look into a store */
    row(istauth_token_recognise(prefix, token) == ISTAUTH_TOKEN_NONE, "one character off");
    text[10]--;
    text[4] = 'r'; /* ist_rt_: an access token that calls itself a refresh token */
    row(istauth_token_recognise(prefix, token) == ISTAUTH_TOKEN_NONE, "another kind");
    text[4] = 'a';
    token.n--;
    row(istauth_token_recognise(prefix, token) == ISTAUTH_TOKEN_NONE, "one character short");
    end("a token is recognised, and one that is a character off is none");
}

static void bearers_are_parsed(void)
{
    static const struct {
        const char *header, *token;
        istauth_status want;
    } rows[] = {
        { "Bearer ist_at_x", "ist_at_x", ISTAUTH_OK },
        { "bearer ist_at_x", "ist_at_x", ISTAUTH_OK },
        { "", "", ISTAUTH_E_NO_CREDENTIALS },
        { "Basic YTpi", "", ISTAUTH_E_NO_CREDENTIALS },
        { "Bearer  ist_at_x", "", ISTAUTH_E_INVALID_TOKEN },
        { "Bearer one, Bearer two", "", ISTAUTH_E_INVALID_TOKEN }, /* two, joined */
    };

    begin();
    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_str token = { NULL, 0 };

        row(istauth_bearer_parse(&token, istauth_str_of(rows[i].header)) == rows[i].want &&
                says(token, rows[i].token),
            rows[i].header);
    }
    end("an Authorization header holds one bearer token, or none");
}

static void challenges_are_written(void)
{
    istauth_challenge c = { .error = ISTAUTH_STR("insufficient_scope"),
                            .resource_metadata = ISTAUTH_STR("https://notes.example/meta"),
                            .scope = ISTAUTH_STR("notes:write") };
    char room[1024];
    istauth_arena arena;
    istauth_str value;

    begin();
    istauth_arena_init(&arena, room, sizeof(room), NULL, 0);
    row(!istauth_challenge_write(&value, &arena, &c) &&
            says(value, "Bearer error=\"insufficient_scope\", "
                        "resource_metadata=\"https://notes.example/meta\", scope=\"notes:write\""),
        "every byte of it");
    c.scope = ISTAUTH_STR("x\", error=\"none");
    row(istauth_challenge_write(&value, &arena, &c) == ISTAUTH_E_ARGUMENT, "a quote breaks out");
    istauth_arena_wipe(&arena);
    end("a challenge says what to ask for, and nothing breaks out of its quotes");
}

int main(void)
{
    if (istauth_scope_catalogue_init(&catalogue, scopes, COUNT(scopes))) {
        puts("Bail out! the catalogue is not one");
        return 1;
    }
    people_call_tools();
    machines_delete_nothing();
    every_tool_names_a_scope_that_exists();
    scopes_are_read_and_printed();
    pkce_holds_the_vector_of_the_rfc();
    redirects_match_byte_for_byte();
    tokens_are_recognised();
    bearers_are_parsed();
    challenges_are_written();
    printf("1..%d\n", tests);
    return failures > 0;
}
