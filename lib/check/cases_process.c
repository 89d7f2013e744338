/* S-10: the process belongs to the host. Every op is called, and it is found as it was. */
#include "check/cases_i.h"

#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIGNALS 32 /* those that have names */

typedef struct process_state {
    sigset_t blocked;
    struct sigaction actions[SIGNALS];
    char locale[256], directory[1024];
    mode_t mask;
} process_state;

static process_state look(void)
{
    process_state s;

    memset(&s, 0, sizeof(s));
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &s.blocked), 0);
    for (int i = 1; i < SIGNALS; i++)
        (void)sigaction(i, NULL, &s.actions[i]);
    (void)snprintf(s.locale, sizeof(s.locale), "%s", setlocale(LC_ALL, NULL));
    assert_non_null(getcwd(s.directory, sizeof(s.directory)));
    s.mask = umask(077);
    (void)umask(s.mask);
    return s;
}

static void assert_unchanged(const process_state *before, const char *op)
{
    process_state now = look();

    for (int i = 1; i < SIGNALS; i++) {
        if (sigismember(&now.blocked, i) != sigismember(&before->blocked, i))
            FAIL("%s left signal %d %s", op, i,
                 sigismember(&now.blocked, i) ? "blocked" : "unblocked");
        if (now.actions[i].sa_handler != before->actions[i].sa_handler ||
            now.actions[i].sa_flags != before->actions[i].sa_flags)
            FAIL("%s left another action for signal %d", op, i);
    }
    if (strcmp(now.locale, before->locale) != 0)
        FAIL("%s left the locale %s", op, now.locale);
    if (strcmp(now.directory, before->directory) != 0)
        FAIL("%s left the working directory %s", op, now.directory);
    if (now.mask != before->mask)
        FAIL("%s left the file mode mask %03o", op, (unsigned)now.mask);
}

/* One call of each op, to the end that most calls come to. */
static void call_clients(store_world *w, const process_state *before)
{
    istauth_client c = client_of("app");
    istauth_clients all;

    assert_status(CALL(w, client_put, &c), ISTAUTH_OK);
    assert_unchanged(before, "client_put");
    (void)client_at(w, "app");
    assert_unchanged(before, "client_get");
    assert_status(CALL(w, client_list, ISTAUTH_STR(""), 9, &w->arena, &all), ISTAUTH_OK);
    assert_unchanged(before, "client_list");
    assert_status(CALL(w, client_update, &c), ISTAUTH_OK);
    assert_unchanged(before, "client_update");
}

static void call_tokens(store_world *w, const process_state *before)
{
    istauth_key key = refresh_key(1), access = access_key(1), nonce = code_key(9);
    istauth_retry retry;

    have_code(w, 1, "ada", "app");
    assert_unchanged(before, "code_put");
    (void)code_at(w, 1);
    assert_unchanged(before, "code_get");
    assert_status(redeem(w, 1, 1), ISTAUTH_OK);
    assert_unchanged(before, "code_redeem");
    assert_true(is_live(w, access));
    assert_unchanged(before, "token_get");
    assert_status(rotate_keeping(w, 1, 2, ISTAUTH_STR("kept")), ISTAUTH_OK);
    assert_unchanged(before, "refresh_rotate");
    assert_status(CALL(w, retry_get, &key, &w->arena, &retry), ISTAUTH_OK);
    assert_unchanged(before, "retry_get");
    assert_status(CALL(w, token_revoke, &access, T0), ISTAUTH_OK);
    assert_unchanged(before, "token_revoke");
    assert_status(CALL(w, nonce_claim, &nonce, T0), ISTAUTH_OK);
    assert_unchanged(before, "nonce_claim");
}

static void call_subjects(store_world *w, const process_state *before)
{
    const istauth_str ada = ISTAUTH_STR("ada"), app = ISTAUTH_STR("app");
    const istauth_str_list apps = { &app, 1 };
    istauth_id personal = id_of(3);
    istauth_grant_entries list;
    size_t count;

    assert_status(CALL(w, grant_list, app, NULL, 9, &w->arena, &list), ISTAUTH_OK);
    assert_unchanged(before, "grant_list");
    assert_status(CALL(w, app_list, ada, 9, &w->arena, &list), ISTAUTH_OK);
    assert_unchanged(before, "app_list");
    have_personal(w, 3, "ada");
    assert_unchanged(before, "personal_put");
    assert_status(CALL(w, personal_list, ada, 9, &w->arena, &list), ISTAUTH_OK);
    assert_unchanged(before, "personal_list");
    assert_status(CALL(w, workspace_remove, ada, ISTAUTH_STR("ws_a"), T0, &count), ISTAUTH_OK);
    assert_unchanged(before, "workspace_remove");
    assert_status(CALL(w, personal_revoke, ada, &personal, T0), ISTAUTH_OK);
    assert_unchanged(before, "personal_revoke");
    assert_status(CALL(w, app_disconnect, ada, apps, T0, &count), ISTAUTH_OK);
    assert_unchanged(before, "app_disconnect");
    assert_status(CALL(w, subject_revoke, ada, T0, &count), ISTAUTH_OK);
    assert_unchanged(before, "subject_revoke");
}

static void call_machines(store_world *w, const process_state *before)
{
    have_machine(w, 5, "app");
    assert_unchanged(before, "machine_put");
}

static void call_endings(store_world *w, const process_state *before)
{
    istauth_purge_bounds b = bounds_at(INT64_MAX);
    istauth_id id = id_of(1);
    size_t removed;

    assert_status(CALL(w, grant_touch, &id, T0), ISTAUTH_OK);
    assert_unchanged(before, "grant_touch");
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
    assert_unchanged(before, "grant_revoke");
    assert_status(CALL(w, client_delete, ISTAUTH_STR("app"), T0), ISTAUTH_OK);
    assert_unchanged(before, "client_delete");
    assert_status(CALL(w, purge, &b, &removed), ISTAUTH_OK);
    assert_unchanged(before, "purge");
}

static void no_op_changes_the_process(store_world *w)
{
    process_state before = look();

    call_clients(w, &before);
    call_tokens(w, &before);
    call_subjects(w, &before);
    call_machines(w, &before);
    call_endings(w, &before);
}

static const check_case cases[] = {
    CASE("S-10", no_op_changes_the_process),
};

const check_cases check_process_cases = CASE_LIST(cases);
