#include "base/signature_i.h"

#include "base/ecdsa_i.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

/* Without a callback OpenSSL would ask for a password at the terminal. */
static int no_password(char *buffer, int size, int writing, void *ctx)
{
    (void)buffer, (void)size, (void)writing, (void)ctx;
    return -1;
}

static EVP_PKEY *read_pem(istauth_str pem)
{
    BIO *bio = pem.n && pem.n <= INT32_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
    EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

    BIO_free(bio);
    return pkey;
}

static bool is_p256(const EVP_PKEY *pkey)
{
    char group[32];
    size_t n;

    return EVP_PKEY_get_group_name(pkey, group, sizeof(group), &n) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

static bool alg_of(istauth__alg *alg, const EVP_PKEY *pkey)
{
    if (EVP_PKEY_is_a(pkey, "EC") && is_p256(pkey))
        *alg = ISTAUTH__ALG_ES256;
    else if (EVP_PKEY_is_a(pkey, "RSA"))
        *alg = ISTAUTH__ALG_RS256;
    else if (EVP_PKEY_is_a(pkey, "ED25519"))
        *alg = ISTAUTH__ALG_EDDSA;
    else
        return false;
    return true;
}

/* A number of the key in `width` bytes, or in as many as it takes when that is 0. */
static istauth_status number(istauth_str *out, istauth_arena *arena, const EVP_PKEY *pkey,
                             const char *name, int width)
{
    istauth_status st = ISTAUTH_E_NO_MEMORY;
    BIGNUM *value = NULL;
    uint8_t *bytes;

    if (EVP_PKEY_get_bn_param(pkey, name, &value) != 1)
        return ISTAUTH_E_ARGUMENT;
    if (!width)
        width = BN_num_bytes(value);
    bytes = istauth_arena_alloc(arena, (size_t)width + 1);
    if (bytes) {
        st = BN_bn2binpad(value, bytes, width) == width ? ISTAUTH_OK : ISTAUTH_E_ARGUMENT;
        out->p = (const char *)bytes;
        out->n = (size_t)width;
    }
    BN_free(value);
    return st;
}

static istauth_status raw(istauth_str *out, istauth_arena *arena, const EVP_PKEY *pkey)
{
    size_t n = 32;
    uint8_t *bytes = istauth_arena_alloc(arena, n);

    if (!bytes)
        return ISTAUTH_E_NO_MEMORY;
    if (EVP_PKEY_get_raw_public_key(pkey, bytes, &n) != 1)
        return ISTAUTH_E_ARGUMENT;
    out->p = (const char *)bytes;
    out->n = n;
    return ISTAUTH_OK;
}

static istauth_status public_half(istauth__public_key *key, istauth_arena *arena,
                                  const EVP_PKEY *pkey)
{
    istauth_status st;

    if (!alg_of(&key->alg, pkey))
        return ISTAUTH_E_ARGUMENT;
    if (key->alg == ISTAUTH__ALG_EDDSA) {
        st = raw(&key->x, arena, pkey);
    } else if (key->alg == ISTAUTH__ALG_ES256) {
        st = number(&key->x, arena, pkey, OSSL_PKEY_PARAM_EC_PUB_X, ISTAUTH__P256_SIZE);
        if (!st)
            st = number(&key->y, arena, pkey, OSSL_PKEY_PARAM_EC_PUB_Y, ISTAUTH__P256_SIZE);
    } else {
        st = number(&key->n, arena, pkey, OSSL_PKEY_PARAM_RSA_N, 0);
        if (!st)
            st = number(&key->e, arena, pkey, OSSL_PKEY_PARAM_RSA_E, 0);
    }
    if (!st && !istauth__public_key_is_valid(key))
        st = ISTAUTH_E_ARGUMENT;
    return st;
}

void istauth__private_key_free(istauth__private_key *key)
{
    EVP_PKEY_free(key->pkey); /* clears the secret numbers */
    key->pkey = NULL;
}

/* Room for the DER form of ES256 is there: ISTAUTH__SIGNATURE_MAX is more. */
static istauth_status sign(uint8_t *out, size_t *n, EVP_MD_CTX *ctx,
                           const istauth__private_key *key, istauth_str text)
{
    const EVP_MD *hash = key->public_half.alg == ISTAUTH__ALG_EDDSA ? NULL : EVP_sha256();
    uint8_t raw_form[ISTAUTH__ES256_SIZE];

    if (EVP_DigestSignInit(ctx, NULL, hash, NULL, key->pkey) != 1 ||
        EVP_DigestSign(ctx, out, n, (const unsigned char *)text.p, text.n) != 1)
        return ISTAUTH_E_CRYPTO;
    if (key->public_half.alg != ISTAUTH__ALG_ES256)
        return ISTAUTH_OK;
    if (!istauth__ecdsa_from_der(raw_form, out, *n))
        return ISTAUTH_E_CRYPTO;
    memcpy(out, raw_form, sizeof(raw_form));
    *n = sizeof(raw_form);
    return ISTAUTH_OK;
}

istauth_status istauth__signature_make(uint8_t out[ISTAUTH__SIGNATURE_MAX], size_t *n,
                                       const istauth__private_key *key, istauth_str text)
{
    istauth_status st = ISTAUTH_E_NO_MEMORY;
    EVP_MD_CTX *ctx;

    ERR_set_mark();
    ctx = EVP_MD_CTX_new();
    *n = ISTAUTH__SIGNATURE_MAX;
    if (ctx)
        st = sign(out, n, ctx, key, text);
    EVP_MD_CTX_free(ctx);
    ERR_pop_to_mark();
    return st;
}

/* A file can hold a public half that is another key's: no one could check what such a key signs. */
static istauth_status check_halves(const istauth__private_key *key)
{
    static const istauth_str text = ISTAUTH_STR_INIT("istauth");
    uint8_t bytes[ISTAUTH__SIGNATURE_MAX];
    istauth_str signature = { (const char *)bytes, 0 };
    istauth_status st = istauth__signature_make(bytes, &signature.n, key, text);

    if (!st)
        st = istauth__signature_verify(&key->public_half, text, signature);
    return st == ISTAUTH_E_NO_MEMORY ? st : st ? ISTAUTH_E_ARGUMENT : ISTAUTH_OK;
}

istauth_status istauth__private_key_load(istauth__private_key *key, istauth_arena *arena,
                                         istauth_str pem)
{
    istauth__private_key loaded;
    istauth_status st = ISTAUTH_E_ARGUMENT;

    memset(&loaded, 0, sizeof(loaded));
    ERR_set_mark();
    loaded.pkey = read_pem(pem);
    if (loaded.pkey)
        st = public_half(&loaded.public_half, arena, loaded.pkey);
    ERR_pop_to_mark();
    if (!st)
        st = check_halves(&loaded);
    if (st)
        istauth__private_key_free(&loaded);
    else
        *key = loaded;
    return st;
}
