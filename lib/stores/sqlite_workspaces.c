/* Taking a workspace out of a subject's grants: one after the other in the order of creation, in
 * one transaction. What is in a list, SQL cannot see. */
#include "stores/sqlite_i.h"

/* The list without the workspace, as it is written; false: it was not in it, or there is no
 * memory (*out is NULL). */
static bool without(char **out, size_t *n, istauth_str list, istauth_str workspace)
{
    char *at = *out = sqlite3_malloc64(list.n + 1);
    istauth_str rest = list, item;
    const char *from = list.p;

    if (!at)
        return false;
    while (istauth__sqlite_list_next(&item, &rest)) {
        size_t written = (size_t)(rest.p - from);

        if (!istauth_str_equal(item, workspace)) {
            memcpy(at, from, written);
            at += written;
        }
        from = rest.p;
    }
    *n = (size_t)(at - *out);
    return *n < list.n;
}

static istauth_status set(struct sql_connection *c, int64_t serial, istauth_str list)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_WORKSPACE_SET);

    istauth__sqlite_bind_number(&q, serial);
    istauth__sqlite_bind_text(&q, list);
    istauth__sqlite_bind_number(&q, list.n == 0); /* nothing is left of it: revoked */
    return istauth__sqlite_run(&q, NULL);
}

/* The first grant behind *serial. *found: there was one. *left is its new list, NULL when it did
 * not have the workspace; the caller frees it. */
static istauth_status next(bool *found, char **left, size_t *n, struct sql_connection *c,
                           istauth_str subject, istauth_str workspace, int64_t *serial)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_WORKSPACE_NEXT);
    istauth_status st = ISTAUTH_OK;
    size_t items;

    istauth__sqlite_bind_text(&q, subject);
    istauth__sqlite_bind_number(&q, *serial);
    *left = NULL;
    *found = istauth__sqlite_step(&q);
    if (*found) {
        istauth_str list = istauth__sqlite_text(&q, 0);

        *serial = istauth__sqlite_number(&q, 1);
        if (!istauth__sqlite_list_count(&items, list))
            st = ISTAUTH_E_UNAVAILABLE;
        else if (!without(left, n, list, workspace)) {
            st = *left ? ISTAUTH_OK : ISTAUTH_E_NO_MEMORY;
            sqlite3_free(*left);
            *left = NULL;
        }
    }
    return istauth__sqlite_end(&q, st);
}

static istauth_status take_out(size_t *count, struct sql_connection *c, istauth_str subject,
                               istauth_str workspace)
{
    int64_t serial = INT64_MIN;
    bool found = true;
    istauth_status st = ISTAUTH_OK;

    while (!st && found) {
        istauth_str list = { NULL, 0 };
        char *left;

        st = next(&found, &left, &list.n, c, subject, workspace, &serial);
        list.p = left;
        if (!st && left) {
            st = set(c, serial, list);
            (*count)++;
        }
        sqlite3_free(left);
    }
    return st;
}

istauth_status istauth__sqlite_workspace_remove(void *ctx, istauth_str subject,
                                                istauth_str workspace, istauth_time now,
                                                size_t *count)
{
    struct sql_connection *c;
    size_t changed = 0;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    (void)now;
    if (!st)
        st = istauth__sqlite_finish(ctx, c, take_out(&changed, c, subject, workspace));
    if (!st)
        *count = changed;
    return st;
}
