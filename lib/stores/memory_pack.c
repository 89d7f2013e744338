#include "stores/memory_i.h"

/* Add the size of one text; false when the sum no longer fits. */
static bool add_text(size_t *sum, istauth_str text)
{
    if (text.n >= UINT32_MAX - *sum)
        return false;
    *sum += text.n + 1;
    return true;
}

/* Add the sizes of these texts and the number of them. */
static bool add_texts(size_t *sum, size_t *count, const istauth_str *texts, size_t n)
{
    if (n > UINT32_MAX / sizeof(uint32_t) - *count)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!add_text(sum, texts[i]))
            return false;
    *count += n;
    return true;
}

size_t istauth__mem_pack_room(const istauth_str *fixed, size_t count,
                              const istauth_str_list *lists, size_t list_count)
{
    size_t sum = 0, all = 0;

    if (!add_texts(&sum, &all, fixed, count))
        return 0;
    for (size_t i = 0; i < list_count; i++)
        if (!add_texts(&sum, &all, lists[i].items, lists[i].count))
            return 0;
    return sizeof(struct mem_pack) + all * sizeof(uint32_t) + sum;
}

static char *write_text(struct mem_pack *pack, size_t i, char *at, istauth_str text)
{
    pack->lengths[i] = (uint32_t)text.n;
    if (text.n)
        memcpy(at, text.p, text.n);
    at[text.n] = '\0';
    return at + text.n + 1;
}

void istauth__mem_pack_write(struct mem_pack *pack, const istauth_str *fixed, size_t count,
                             const istauth_str_list *lists, size_t list_count)
{
    size_t all = count, at = 0;
    char *start, *end;

    for (size_t i = 0; i < list_count; i++)
        all += lists[i].count;
    start = end = (char *)(pack->lengths + all);
    while (at < count) {
        end = write_text(pack, at, end, fixed[at]);
        at++;
    }
    for (size_t l = 0; l < list_count; l++)
        for (size_t i = 0; i < lists[l].count; i++)
            end = write_text(pack, at++, end, lists[l].items[i]);
    pack->count = (uint32_t)all;
    pack->size = (uint32_t)(end - start);
}

const char *istauth__mem_pack_text(const struct mem_pack *pack)
{
    return (const char *)(pack->lengths + pack->count);
}

void istauth__mem_pack_read(istauth_str *fixed, size_t count, istauth_str *items,
                            const struct mem_pack *pack, const char *text)
{
    for (size_t i = 0; i < pack->count; i++) {
        istauth_str *to = i < count ? &fixed[i] : &items[i - count];

        to->p = text;
        to->n = pack->lengths[i];
        text += to->n + 1;
    }
}

istauth_status istauth__mem_pack_copy(istauth_str *fixed, size_t count, istauth_str_list *list,
                                      istauth_str *also, const struct mem_pack *pack,
                                      istauth_arena *arena)
{
    size_t listed = pack->count - count, more = also && also->n ? also->n + 1 : 0;
    istauth_str *items = istauth_arena_alloc(arena, listed * sizeof(*items) + pack->size + more);
    char *text;

    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    text = (char *)(items + listed);
    memcpy(text, istauth__mem_pack_text(pack), pack->size);
    istauth__mem_pack_read(fixed, count, items, pack, text);
    if (list) {
        list->items = items;
        list->count = listed;
    }
    if (more) {
        memcpy(text + pack->size, also->p, more); /* with its NUL */
        also->p = text + pack->size;
    }
    return ISTAUTH_OK;
}

/* Copy `from` but for what equals `text` in its list; `to` has room for all of it. */
static void write_without(struct mem_pack *to, const struct mem_pack *from, size_t fixed,
                          istauth_str text)
{
    const char *in = istauth__mem_pack_text(from);
    char *start, *out;

    to->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        istauth_str one = { in, from->lengths[i] };

        in += one.n + 1;
        if (i < fixed || !istauth_str_equal(one, text))
            to->lengths[to->count++] = from->lengths[i];
    }
    in = istauth__mem_pack_text(from);
    start = out = (char *)(to->lengths + to->count);
    for (size_t i = 0; i < from->count; i++) {
        istauth_str one = { in, from->lengths[i] };

        in += one.n + 1;
        if (i < fixed || !istauth_str_equal(one, text)) {
            memcpy(out, one.p, one.n + 1);
            out += one.n + 1;
        }
    }
    to->size = (uint32_t)(out - start);
}

struct mem_pack *istauth__mem_pack_without(struct mem *m, const struct mem_pack *from, size_t fixed,
                                           istauth_str text)
{
    struct mem_pack *to =
        istauth__mem_alloc(m, sizeof(*to) + from->count * sizeof(uint32_t) + from->size);

    if (to)
        write_without(to, from, fixed, text);
    return to;
}

bool istauth__mem_pack_has(const struct mem_pack *pack, size_t fixed, istauth_str text)
{
    const char *at = istauth__mem_pack_text(pack);

    for (size_t i = 0; i < pack->count; i++) {
        istauth_str one = { at, pack->lengths[i] };

        if (i >= fixed && istauth_str_equal(one, text))
            return true;
        at += one.n + 1;
    }
    return false;
}
