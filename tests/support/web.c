#include "support/web.h"

#include <stdlib.h>
#include <string.h>

static const web_page *find(const web *pages, istauth_str url)
{
    for (size_t i = 0; i < WEB_PAGES && pages->pages[i].url; i++)
        if (istauth_str_equal(istauth_str_of(pages->pages[i].url), url))
            return &pages->pages[i];
    return NULL;
}

static istauth_status get(void *ctx, istauth_fetched *out, istauth_str url, size_t limit,
                          istauth_arena *arena)
{
    web *pages = ctx;
    const web_page *page = find(pages, url);
    istauth_fetched made = { .status = 404, .content_type = ISTAUTH_STR("text/html") };

    pages->fetches++;
    memset(pages->last, 0, sizeof(pages->last));
    memcpy(pages->last, url.p, url.n < sizeof(pages->last) ? url.n : sizeof(pages->last) - 1);
    if (pages->meanwhile)
        pages->meanwhile(pages->ctx);
    if (pages->trouble)
        return pages->trouble;
    if (page) {
        made.status = page->status ? page->status : 200;
        made.content_type = page->type ? istauth_str_of(page->type)
                                       : ISTAUTH_STR("application/json");
        made.cache_control = istauth_str_of(page->cache_control);
        made.age = istauth_str_of(page->age);
        made.expires = istauth_str_of(page->expires);
        if (strlen(page->body) > limit)
            return ISTAUTH_E_NOT_FOUND;
        if (istauth_arena_copy(&made.body, arena, istauth_str_of(page->body)))
            return ISTAUTH_E_NO_MEMORY;
    }
    *out = made;
    return ISTAUTH_OK;
}

istauth_fetcher web_fetcher(web *pages)
{
    istauth_fetcher fetcher = { get, pages };

    return fetcher;
}

void web_publish(web *pages, web_page page)
{
    for (size_t i = 0; i < WEB_PAGES; i++) {
        if (pages->pages[i].url && strcmp(pages->pages[i].url, page.url) != 0)
            continue;
        pages->pages[i] = page;
        return;
    }
    abort(); /* more pages than there is room for */
}
