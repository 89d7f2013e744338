#include "ask.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define ANSWER_MAX (64u * 1024u)
#define TIMEOUT_MILLISECONDS 5000L
#define LINE_MAX_SIZE 512

bool asker_load(asker *a, const char *file)
{
    char line[LINE_MAX_SIZE], id[LINE_MAX_SIZE], secret[LINE_MAX_SIZE];
    FILE *from = fopen(file, "r");
    bool there = from, found = false;

    while (from && !found && fgets(line, sizeof(line), from))
        found = sscanf(line, "notes %511s %511s", id, secret) == 2;
    if (from)
        fclose(from);
    a->client_id = found ? strdup(id) : NULL;
    a->client_secret = found ? strdup(secret) : NULL;
    sodium_memzero(line, sizeof(line));
    sodium_memzero(secret, sizeof(secret));
    if (a->client_id && a->client_secret)
        return true;
    fprintf(stderr, there ? "notes: no line \"notes CLIENT_ID CLIENT_SECRET\" in %s\n"
                          : "notes: cannot read %s\n", file);
    return false;
}

void asker_free(asker *a)
{
    if (a->client_secret)
        sodium_memzero(a->client_secret, strlen(a->client_secret));
    free(a->client_secret);
    free(a->client_id);
}

/* The body as it comes in: no more of it than an answer can have. */
typedef struct body {
    char bytes[ANSWER_MAX];
    size_t n;
} body;

static size_t on_piece(char *piece, size_t one, size_t n, void *ctx)
{
    body *b = ctx;

    (void)one; /* always 1 */
    if (n > sizeof(b->bytes) - b->n)
        return 0;
    memcpy(b->bytes + b->n, piece, n);
    b->n += n;
    return n;
}

/* Its own server, named by whoever runs this one: no stranger's URL, and so none of the care that those
 * need. A redirect is no answer. */
static CURLcode post(CURL *curl, const asker *a, istauth_str form, body *b)
{
    curl_easy_setopt(curl, CURLOPT_URL, a->url);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form.p);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)form.n);
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(curl, CURLOPT_USERNAME, a->client_id);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, a->client_secret);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MILLISECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_piece);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, b);
    return curl_easy_perform(curl);
}

istauth_status ask(void *ctx, istauth_str *answer, istauth_str form, istauth_arena *arena)
{
    body *b = istauth_arena_alloc(arena, sizeof(*b)); /* wiped with it: it tells of a person */
    CURL *curl = b ? curl_easy_init() : NULL;
    long status = 0;
    bool ok;

    if (!curl)
        return ISTAUTH_E_NO_MEMORY;
    b->n = 0;
    ok = post(curl, ctx, form, b) == CURLE_OK &&
         curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200;
    curl_easy_cleanup(curl);
    if (!ok)
        return ISTAUTH_E_UNAVAILABLE;
    answer->p = b->bytes;
    answer->n = b->n;
    return ISTAUTH_OK;
}
