#include "keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* RSA, because clients that name no algorithm expect RS256 (OpenID Connect Registration 1.0 2). */
#define BITS 2048
#define SIZE_MAX_OF_FILE 65536

static bool fail(const char *file, const char *why)
{
    fprintf(stderr, "isteam: signing key %s: %s\n", file, why);
    return false;
}

static bool keep(istauth_str *pem, const char *text, size_t n)
{
    char *copy = malloc(n + 1);

    if (!copy)
        return false;
    memcpy(copy, text, n);
    pem->p = copy;
    pem->n = n;
    return true;
}

static void forget(istauth_str *pem)
{
    if (!pem->p)
        return;
    sodium_memzero((char *)(uintptr_t)pem->p, pem->n);
    free((char *)(uintptr_t)pem->p);
    pem->p = NULL;
}

static bool make(istauth_str *pem)
{
    EVP_PKEY *key = EVP_RSA_gen(BITS);
    BIO *bio = BIO_new(BIO_s_secmem());
    char *text;
    long n;
    bool ok = key && bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
              (n = BIO_get_mem_data(bio, &text)) > 0 && keep(pem, text, (size_t)n);

    BIO_free(bio);
    EVP_PKEY_free(key);
    return ok;
}

/* --- files --- */

static bool write_all(int fd, istauth_str text)
{
    for (size_t done = 0; done < text.n;) {
        ssize_t n = write(fd, text.p + done, text.n - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return fsync(fd) == 0;
}

/* A whole file or none: it gets its name when it is complete, and of two processes that start at
 * once the second takes the first one's. */
static bool publish(const char *file, istauth_str pem)
{
    size_t size = strlen(file) + sizeof(".XXXXXX");
    char *temporary = malloc(size);
    bool ok = false;
    int fd;

    if (!temporary)
        return false;
    snprintf(temporary, size, "%s.XXXXXX", file);
    fd = mkstemp(temporary); /* mode 0600 */
    if (fd >= 0) {
        ok = write_all(fd, pem);
        ok = close(fd) == 0 && ok;
        ok = ok && (link(temporary, file) == 0 || errno == EEXIST);
        unlink(temporary);
    }
    free(temporary);
    return ok;
}

static bool create(const char *file)
{
    istauth_str pem = { NULL, 0 };
    bool ok = make(&pem) && publish(file, pem);

    forget(&pem);
    return ok ? true : fail(file, "it is not there, and cannot be made");
}

static bool read_open(istauth_str *pem, const char *file, int fd)
{
    char text[SIZE_MAX_OF_FILE];
    struct stat about;
    ssize_t n;
    bool ok;

    if (fstat(fd, &about) || !S_ISREG(about.st_mode) || about.st_size >= SIZE_MAX_OF_FILE)
        return fail(file, "it is no file with a key");
    if (about.st_mode & (S_IRWXG | S_IRWXO))
        return fail(file, "others may read it; chmod 600 helps");
    n = read(fd, text, sizeof(text));
    ok = n > 0 && keep(pem, text, (size_t)n);
    sodium_memzero(text, sizeof(text));
    return ok ? true : fail(file, "it cannot be read");
}

static bool load(istauth_str *pem, const char *file)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    bool ok;

    if (fd < 0 && errno == ENOENT && create(file))
        fd = open(file, O_RDONLY | O_CLOEXEC);
    else if (fd < 0 && errno != ENOENT)
        return fail(file, "it cannot be opened");
    if (fd < 0)
        return false;
    ok = read_open(pem, file, fd);
    close(fd);
    return ok;
}

bool keyring_open(keyring *ring, const char *const *files, size_t count)
{
    memset(ring, 0, sizeof(*ring));
    if (!count) {
        ring->count = 1;
        return make(&ring->keys[0].pem) ? true : fail("", "none can be made");
    }
    for (size_t i = 0; i < count; i++) {
        if (!load(&ring->keys[i].pem, files[i])) {
            keyring_close(ring);
            return false;
        }
        ring->count++;
    }
    return true;
}

void keyring_close(keyring *ring)
{
    for (size_t i = 0; i < ring->count; i++)
        forget(&ring->keys[i].pem);
    ring->count = 0;
}
