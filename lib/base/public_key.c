/* Each call into OpenSSL sets a mark in the thread's error queue and drops what it added: the queue
 * is the host's, whose TLS reads it (SSL_get_error), and a stranger's bad key must not look like
 * its error. */
#include "base/signature_i.h"

#include "base/ecdsa_i.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sodium.h>

#define ED25519_KEY_SIZE 32
#define ED25519_SIGNATURE_SIZE 64

_Static_assert(ED25519_KEY_SIZE == crypto_sign_PUBLICKEYBYTES, "Ed25519 key");

/* The point as X9.62 writes it, uncompressed. */
static bool add_point(OSSL_PARAM_BLD *bld, const istauth__public_key *key, uint8_t *point)
{
    point[0] = 4;
    memcpy(point + 1, key->x.p, ISTAUTH__P256_SIZE);
    memcpy(point + 1 + ISTAUTH__P256_SIZE, key->y.p, ISTAUTH__P256_SIZE);
    return OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
           OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point,
                                            1 + 2 * ISTAUTH__P256_SIZE);
}

static bool add_modulus(OSSL_PARAM_BLD *bld, BIGNUM *n, BIGNUM *e)
{
    return n && e && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) &&
           OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e);
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *pkey = NULL;

    if (!ctx || !params || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static EVP_PKEY *ec_key(const istauth__public_key *key)
{
    uint8_t point[1 + 2 * ISTAUTH__P256_SIZE];
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = bld && add_point(bld, key, point) ? OSSL_PARAM_BLD_to_param(bld) : NULL;
    EVP_PKEY *pkey = from_params("EC", params);

    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    return pkey;
}

static BIGNUM *number(istauth_str bytes)
{
    return BN_bin2bn((const unsigned char *)bytes.p, (int)bytes.n, NULL);
}

static EVP_PKEY *rsa_key(const istauth__public_key *key)
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    BIGNUM *n = number(key->n), *e = number(key->e);
    OSSL_PARAM *params = bld && add_modulus(bld, n, e) ? OSSL_PARAM_BLD_to_param(bld) : NULL;
    EVP_PKEY *pkey = from_params("RSA", params);

    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    BN_free(n);
    BN_free(e);
    return pkey;
}

static EVP_PKEY *key_of(const istauth__public_key *key)
{
    if (key->alg == ISTAUTH__ALG_ES256)
        return ec_key(key);
    if (key->alg == ISTAUTH__ALG_RS256)
        return rsa_key(key);
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)key->x.p,
                                       key->x.n);
}

/* OpenSSL refuses a point that is not on the curve when it takes one. */
static bool is_on_p256(const istauth__public_key *key)
{
    EVP_PKEY *pkey;

    if (key->x.n != ISTAUTH__P256_SIZE || key->y.n != ISTAUTH__P256_SIZE)
        return false;
    ERR_set_mark();
    pkey = ec_key(key);
    ERR_pop_to_mark();
    EVP_PKEY_free(pkey);
    return pkey != NULL;
}

static size_t bits_of(istauth_str number_bytes)
{
    size_t bits = 8 * number_bytes.n;

    for (unsigned char first = (unsigned char)number_bytes.p[0]; !(first & 0x80);
         first = (unsigned char)(first << 1))
        bits--;
    return bits;
}

/* Big-endian without a leading zero (RFC 7518 2), and odd. */
static bool is_odd_number(istauth_str bytes)
{
    return bytes.n && bytes.p[0] && (bytes.p[bytes.n - 1] & 1);
}

/* A small exponent has no use that its attacks outweigh, and a large one is work for the
 * verifier. */
static bool is_exponent(istauth_str e)
{
    size_t bits = is_odd_number(e) ? bits_of(e) : 0;

    return bits >= 17 && bits <= 64;
}

static bool is_modulus(istauth_str n)
{
    size_t bits = is_odd_number(n) ? bits_of(n) : 0;

    return bits >= ISTAUTH__RSA_BITS_MIN && bits <= ISTAUTH__RSA_BITS_MAX;
}

bool istauth__public_key_is_valid(const istauth__public_key *key)
{
    switch (key->alg) {
    case ISTAUTH__ALG_ES256:
        return is_on_p256(key);
    case ISTAUTH__ALG_RS256:
        return is_modulus(key->n) && is_exponent(key->e);
    case ISTAUTH__ALG_EDDSA:
        /* Of small order: one signature would do for any text. */
        return key->x.n == ED25519_KEY_SIZE &&
               crypto_core_ed25519_is_valid_point((const unsigned char *)key->x.p);
    }
    return false;
}

static bool has_right_size(const istauth__public_key *key, istauth_str signature)
{
    if (key->alg == ISTAUTH__ALG_RS256)
        return signature.n == key->n.n;
    return signature.n == (key->alg == ISTAUTH__ALG_ES256 ? ISTAUTH__ES256_SIZE
                                                          : (size_t)ED25519_SIGNATURE_SIZE);
}

static bool verifies(EVP_MD_CTX *ctx, EVP_PKEY *pkey, const istauth__public_key *key,
                     istauth_str text, istauth_str signature)
{
    const EVP_MD *hash = key->alg == ISTAUTH__ALG_EDDSA ? NULL : EVP_sha256();
    const uint8_t *bytes = (const uint8_t *)signature.p;
    uint8_t der[ISTAUTH__ES256_DER_MAX];
    size_t n = signature.n;

    if (key->alg == ISTAUTH__ALG_ES256) {
        n = istauth__ecdsa_to_der(der, bytes);
        bytes = der;
    }
    /* An RSA key without further say is verified by PKCS #1 v1.5. */
    return n && EVP_DigestVerifyInit(ctx, NULL, hash, NULL, pkey) == 1 &&
           EVP_DigestVerify(ctx, bytes, n, (const unsigned char *)text.p, text.n) == 1;
}

istauth_status istauth__signature_verify(const istauth__public_key *key, istauth_str text,
                                         istauth_str signature)
{
    istauth_status st = ISTAUTH_E_NO_MEMORY;
    EVP_MD_CTX *ctx;
    EVP_PKEY *pkey;

    if (!has_right_size(key, signature))
        return ISTAUTH_E_INVALID_TOKEN;
    ERR_set_mark();
    ctx = EVP_MD_CTX_new();
    pkey = key_of(key);
    if (ctx && pkey)
        st = verifies(ctx, pkey, key, text, signature) ? ISTAUTH_OK : ISTAUTH_E_INVALID_TOKEN;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    ERR_pop_to_mark();
    return st;
}
