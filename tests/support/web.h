/* A web of a few pages, and a fetcher that counts who asks for them. */
#ifndef TEST_WEB_H
#define TEST_WEB_H

#include <istauth.h>

typedef struct web_page {
    const char *url;
    int status; /* 0: 200 */
    const char *type, *cache_control, *age, *expires; /* type NULL: application/json */
    const char *body;
} web_page;

#define WEB_PAGES 8

typedef struct web {
    web_page pages[WEB_PAGES];
    istauth_status trouble; /* what every fetch ends with, unless it is OK */
    size_t fetches;
    char last[1024]; /* the URL that was asked for last */
    void (*meanwhile)(void *ctx); /* what else happens while a fetch is under way; may be NULL */
    void *ctx;
} web;

istauth_fetcher web_fetcher(web *pages);
/* Publish a page, or replace the one with this URL. */
void web_publish(web *pages, web_page page);

#endif
