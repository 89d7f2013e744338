#include "clients.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS_MAX 16384

static bool fail(const char *what, const char *why)
{
    fprintf(stderr, "isteam: %s%s%s\n", what, *why ? ": " : "", why);
    return false;
}

/* One that is there already keeps its id, and what it was made for. */
static istauth_status make_or_rotate(char secret[ISTAUTH_TOKEN_SIZE], const istauth_server *server,
                                     const istauth_provision *wish, istauth_error *error)
{
    char room[ISTAUTH_ARENA_BUFFER];
    istauth_arena arena;
    istauth_status st;
    istauth_str id;

    istauth_server_arena(server, &arena, room, sizeof(room));
    secret[0] = '\0';
    st = istauth_client_provision(secret, &id, server, wish, &arena, error);
    if (st == ISTAUTH_E_EXISTS && wish->auth == ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT)
        st = ISTAUTH_OK;
    else if (st == ISTAUTH_E_EXISTS)
        st = istauth_client_rotate_secret(secret, server, wish->client_id, 0, &arena);
    istauth_arena_wipe(&arena);
    return st;
}

static bool make(FILE *to, const istauth_server *server, const char *name,
                 const istauth_provision *wish)
{
    char secret[ISTAUTH_TOKEN_SIZE];
    istauth_error error = { .detail = "" };
    istauth_status st = make_or_rotate(secret, server, wish, &error);
    bool ok = !st && fprintf(to, "%s %s %s\n", name, wish->client_id.p, secret) > 0;

    sodium_memzero(secret, sizeof(secret));
    return ok || (st ? fail(istauth_status_name(st), error.detail)
                     : fail("cannot write the clients' file", ""));
}

static istauth_provision machine(const char *client_id)
{
    static const istauth_str engine = ISTAUTH_STR_INIT("ws_engine");
    istauth_provision wish = ISTAUTH_PROVISION_INIT;

    wish.client_id = istauth_str_of(client_id);
    wish.name = ISTAUTH_STR("Nightly report");
    wish.auth = ISTAUTH_CLIENT_AUTH_SECRET_BASIC;
    wish.grant_types = ISTAUTH_GRANT_CLIENT_CREDENTIALS;
    wish.scopes = ISTAUTH_STR("mcp");
    wish.workspaces = (istauth_str_list){ &engine, 1 };
    return wish;
}

static bool make_machine(FILE *to, const istauth_server *server)
{
    istauth_provision wish = machine("nightly-report");

    return make(to, server, "machine", &wish);
}

static bool make_machine_with_keys(FILE *to, const istauth_server *server, const char *file)
{
    istauth_provision wish = machine("nightly-report-signed");
    char keys[KEYS_MAX];
    FILE *from = fopen(file, "r");
    size_t n = from ? fread(keys, 1, sizeof(keys), from) : 0;

    if (from)
        fclose(from);
    if (!n || n == sizeof(keys))
        return fail("cannot read", file);
    wish.auth = ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT;
    wish.jwks = (istauth_str){ keys, n };
    return make(to, server, "signed", &wish);
}

static bool make_notes(FILE *to, const istauth_server *server, const char *resource)
{
    istauth_provision wish = ISTAUTH_PROVISION_INIT;

    wish.client_id = ISTAUTH_STR("notes-server");
    wish.name = ISTAUTH_STR("Notes");
    wish.auth = ISTAUTH_CLIENT_AUTH_SECRET_BASIC;
    wish.resource = istauth_str_of(resource);
    return make(to, server, "notes", &wish);
}

/* Nobody else may read what is in it, from its first moment. */
static FILE *open_private(const char *file)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FILE *to = fd >= 0 && fchmod(fd, S_IRUSR | S_IWUSR) == 0 ? fdopen(fd, "w") : NULL;

    if (!to && fd >= 0)
        close(fd);
    return to;
}

bool clients_make(const istauth_server *server, const clients_wish *wish)
{
    FILE *to;
    bool ok;

    if (!wish->file)
        return true;
    to = open_private(wish->file);
    if (!to)
        return fail("cannot write", wish->file);
    setvbuf(to, NULL, _IONBF, 0); /* a buffer would keep the secrets */
    ok = make_machine(to, server) &&
         (!wish->machine_keys || make_machine_with_keys(to, server, wish->machine_keys)) &&
         (!wish->notes || make_notes(to, server, wish->notes));
    return fclose(to) == 0 && ok;
}
