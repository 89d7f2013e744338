#include "base/ecdsa_i.h"

#include <openssl/ecdsa.h>

/* The signature owns r and s once it has taken them. */
static ECDSA_SIG *signature_of(const uint8_t *raw)
{
    BIGNUM *r = BN_bin2bn(raw, ISTAUTH__P256_SIZE, NULL);
    BIGNUM *s = BN_bin2bn(raw + ISTAUTH__P256_SIZE, ISTAUTH__P256_SIZE, NULL);
    ECDSA_SIG *sig = ECDSA_SIG_new();

    if (r && s && sig && ECDSA_SIG_set0(sig, r, s))
        return sig;
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return NULL;
}

size_t istauth__ecdsa_to_der(uint8_t out[ISTAUTH__ES256_DER_MAX],
                             const uint8_t raw[ISTAUTH__ES256_SIZE])
{
    ECDSA_SIG *sig = signature_of(raw);
    int n = sig ? i2d_ECDSA_SIG(sig, &out) : 0;

    ECDSA_SIG_free(sig);
    return n > 0 ? (size_t)n : 0;
}

bool istauth__ecdsa_from_der(uint8_t raw[ISTAUTH__ES256_SIZE], const uint8_t *der, size_t n)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
    bool ok = sig &&
              BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, ISTAUTH__P256_SIZE) > 0 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + ISTAUTH__P256_SIZE, ISTAUTH__P256_SIZE) > 0;

    ECDSA_SIG_free(sig);
    return ok;
}
