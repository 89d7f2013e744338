/* A certificate authority for the length of a test. */
#ifndef TEST_AUTHORITY_H
#define TEST_AUTHORITY_H

#include <openssl/ssl.h>

typedef struct authority {
    EVP_PKEY *key;
    X509 *certificate;
} authority;

/* What is wrong with a certificate. */
typedef enum certificate_kind {
    CERTIFICATE_GOOD,    /* for app.example, localhost, 127.0.0.1, 127.0.0.2 and ::1 */
    CERTIFICATE_EXPIRED, /* yesterday */
    CERTIFICATE_EARLY,   /* good from tomorrow on */
    CERTIFICATE_OTHER    /* for other.example alone */
} certificate_kind;

void authority_new(authority *a);
void authority_free(authority *a);
/* Write its certificate as PEM. */
void authority_write(const authority *a, const char *path);
/* A server's side of TLS, with a certificate of the authority's; owned. */
SSL_CTX *authority_server(const authority *a, certificate_kind kind);

#endif
