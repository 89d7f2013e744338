#include "host.h"

#include "log.h"
#include "people.h"

static istauth_status workspaces(void *ctx, istauth_workspace_offer *offer, istauth_str subject,
                                 istauth_arena *arena)
{
    const person *who = people_by_subject(subject);
    istauth_workspace_offer none = { NULL, 0 };

    (void)ctx;
    (void)arena; /* the directory is static */
    *offer = who ? who->workspaces : none;
    return ISTAUTH_OK;
}

/* Plan and membership as they are now, not as they were at consent. */
static istauth_status workspace(void *ctx, istauth_str subject, istauth_str id)
{
    const person *who = people_by_subject(subject);
    const istauth_workspace *found = who ? person_workspace(who, id) : NULL;

    (void)ctx;
    return found && found->choosable ? ISTAUTH_OK : ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE;
}

static istauth_status subject_is_welcome(void *ctx, istauth_str subject)
{
    (void)ctx;
    return people_by_subject(subject) ? ISTAUTH_OK : ISTAUTH_E_ACCESS_DENIED;
}

static istauth_status claims(void *ctx, istauth_claims *out, istauth_str subject,
                             istauth_arena *arena)
{
    const person *who = people_by_subject(subject);
    const host *self = ctx;
    char *picture;

    if (!who)
        return ISTAUTH_E_NOT_FOUND;
    picture = istauth_arena_alloc(arena, self->origin.n + who->picture.n);
    if (!picture)
        return ISTAUTH_E_NO_MEMORY;
    memcpy(picture, self->origin.p, self->origin.n);
    memcpy(picture + self->origin.n, who->picture.p, who->picture.n);
    out->picture = (istauth_str){ picture, self->origin.n + who->picture.n };
    out->name = who->name;
    out->email = who->email;
    out->email_verified = true;
    return ISTAUTH_OK;
}

static unsigned admit(void *ctx, istauth_endpoint endpoint, istauth_str address)
{
    return ratelimit_admit(((host *)ctx)->limit, endpoint, address);
}

static void on_event(void *ctx, const istauth_event *event)
{
    const host *self = ctx;

    log_event(event);
    if (self->numbers)
        metrics_event(self->numbers, event->kind);
}

const istauth_scope *host_scopes(size_t *count)
{
    static const istauth_scope scopes[] = {
        { ISTAUTH_STR_INIT("mcp"),
          ISTAUTH_STR_INIT("See and change cards, tasks, comments, attachments and chat in the "
                           "workspaces you choose"),
          ISTAUTH_STR_INIT("mcp:read"), 0 },
        { ISTAUTH_STR_INIT("mcp:read"),
          ISTAUTH_STR_INIT("See cards, tasks, comments, attachments and chat in the workspaces you "
                           "choose, without changing anything"),
          ISTAUTH_STR_INIT(""), 0 },
        { ISTAUTH_STR_INIT("openid"),
          ISTAUTH_STR_INIT("Recognise your account by an identifier that stays the same"),
          ISTAUTH_STR_INIT(""), ISTAUTH_SCOPE_IDENTITY | ISTAUTH_SCOPE_UNLISTED },
        { ISTAUTH_STR_INIT("profile"), ISTAUTH_STR_INIT("See your name and your picture"),
          ISTAUTH_STR_INIT(""), ISTAUTH_SCOPE_IDENTITY },
        { ISTAUTH_STR_INIT("email"), ISTAUTH_STR_INIT("See your email address"),
          ISTAUTH_STR_INIT(""), ISTAUTH_SCOPE_IDENTITY },
    };

    *count = sizeof(scopes) / sizeof(scopes[0]);
    return scopes;
}

istauth_hooks host_hooks(host *self)
{
    istauth_hooks hooks = { .ctx = self,
                            .workspaces = workspaces,
                            .workspace = workspace,
                            .subject = subject_is_welcome,
                            .claims = claims,
                            .admit = admit,
                            .event = on_event };

    return hooks;
}
