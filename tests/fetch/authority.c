#include "fetch/authority.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>

#define DAY 86400L

static void must(int holds)
{
    if (!holds)
        abort();
}

static EVP_PKEY *new_key(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");

    must(key != NULL);
    return key;
}

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509_EXTENSION *extension;
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    must(extension && X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
}

/* Not signed yet. */
static X509 *new_certificate(EVP_PKEY *key, const char *name, long from, long to)
{
    X509 *c = X509_new();
    static long serial = 1;

    must(c && X509_set_version(c, 2) && ASN1_INTEGER_set(X509_get_serialNumber(c), serial++) &&
         X509_gmtime_adj(X509_getm_notBefore(c), from) &&
         X509_gmtime_adj(X509_getm_notAfter(c), to) && X509_set_pubkey(c, key) &&
         X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC,
                                    (const unsigned char *)name, -1, -1, 0));
    return c;
}

void authority_new(authority *a)
{
    a->key = new_key();
    a->certificate = new_certificate(a->key, "Authority of a test", -DAY, 30 * DAY);
    must(X509_set_issuer_name(a->certificate, X509_get_subject_name(a->certificate)));
    extend(a->certificate, a->certificate, NID_basic_constraints, "critical,CA:TRUE");
    extend(a->certificate, a->certificate, NID_key_usage, "critical,keyCertSign");
    must(X509_sign(a->certificate, a->key, EVP_sha256()));
}

void authority_free(authority *a)
{
    X509_free(a->certificate);
    EVP_PKEY_free(a->key);
}

void authority_write(const authority *a, const char *path)
{
    FILE *file = fopen(path, "w");

    must(file && PEM_write_X509(file, a->certificate));
    must(fclose(file) == 0);
}

SSL_CTX *authority_server(const authority *a, certificate_kind kind)
{
    long from = kind == CERTIFICATE_EARLY ? DAY : -3 * DAY;
    long to = kind == CERTIFICATE_EXPIRED ? -DAY : 3 * DAY;
    EVP_PKEY *key = new_key();
    X509 *c = new_certificate(key, "server", from, to);
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    must(X509_set_issuer_name(c, X509_get_subject_name(a->certificate)));
    extend(c, a->certificate, NID_subject_alt_name,
           kind == CERTIFICATE_OTHER
               ? "DNS:other.example"
               : "DNS:app.example,DNS:localhost,IP:127.0.0.1,IP:127.0.0.2,IP:::1");
    must(X509_sign(c, a->key, EVP_sha256()));
    must(ctx && SSL_CTX_use_certificate(ctx, c) && SSL_CTX_use_PrivateKey(ctx, key));
    X509_free(c);
    EVP_PKEY_free(key);
    return ctx;
}
