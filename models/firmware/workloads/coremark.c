/* The work of CoreMark in its proportions, written anew: a linked list that is searched, reversed
 * and sorted; while it is sorted, some of its items run a state machine over text or operations on
 * 16-bit matrices; everything ends up in a CRC. About 2000 bytes of data. Results cannot be
 * compared with those of CoreMark. */
#include "workload_base.h"

#define ITEMS      33
#define SEARCHES   102
#define MATRIX     9
#define TEXT_BYTES 666

#define KEPT 0x80 /* of an item's value: the low 7 bits are its result */

struct item {
    int16_t value; /* high byte: as at the beginning */
    int16_t index;
};

struct node {
    struct node *next;
    struct item *item;
};

enum state { START, INVALID, SIGN, INTEGER, POINT, FRACTION, EXPONENT, SCIENTIFIC, STATES };

struct coremark_work {
    uint32_t ready;
    uint32_t crc;
    struct node *list;
    struct node nodes[ITEMS];
    struct item items[ITEMS];
    uint32_t final_counts[STATES], step_counts[STATES];
    int16_t a[MATRIX * MATRIX], b[MATRIX * MATRIX];
    int32_t c[MATRIX * MATRIX];
    uint8_t text[TEXT_BYTES + 2];
};
WORKLOAD_FITS(struct coremark_work, workload_coremark);

static uint16_t crc_byte(uint8_t byte, uint16_t crc)
{
    for (int i = 0; i < 8; i++) {
        uint32_t carry = (byte ^ crc) & 1u;
        crc = (uint16_t)(crc >> 1);
        byte = (uint8_t)(byte >> 1);
        if (carry)
            crc ^= 0xa001u;
    }
    return crc;
}

WORKLOAD_APART static uint16_t crc_half(uint16_t value, uint16_t crc)
{
    return crc_byte((uint8_t)(value >> 8), crc_byte((uint8_t)value, crc));
}

static uint16_t crc_word(uint32_t value, uint16_t crc)
{
    return crc_half((uint16_t)(value >> 16), crc_half((uint16_t)value, crc));
}

static int is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') <= 9;
}

/* What a number may begin with: with a sign before it already, or not. */
static enum state begin(uint8_t c, int sign)
{
    if (is_digit(c))
        return INTEGER;
    if (!sign && (c == '+' || c == '-'))
        return SIGN;
    return c == '.' ? POINT : INVALID;
}

/* The next state of a machine that tells whole, decimal and scientific numbers apart. */
static enum state next_state(enum state state, uint8_t c, uint32_t *steps)
{
    enum state next = state;
    switch (state) {
    case START:
    case SIGN:
        next = begin(c, state == SIGN);
        break;
    case INTEGER:
        if (is_digit(c))
            return state;
        next = c == '.' ? POINT : INVALID;
        break;
    case POINT:
        if (is_digit(c))
            return state;
        next = c == 'e' || c == 'E' ? EXPONENT : INVALID;
        break;
    case EXPONENT:
        next = c == '+' || c == '-' ? SCIENTIFIC : INVALID;
        break;
    case SCIENTIFIC:
        if (is_digit(c))
            return state;
        next = INVALID;
        break;
    default:
        break;
    }
    steps[state]++;
    return next;
}

/* Reads one word of the text up to its comma. */
WORKLOAD_APART static enum state read_word(const uint8_t **at, uint32_t *steps)
{
    const uint8_t *text = *at;
    enum state state = START;
    while (*text && state != INVALID) {
        uint8_t c = *text++;
        if (c == ',')
            break;
        state = next_state(state, c, steps);
    }
    *at = text;
    return state;
}

static void read_words(struct coremark_work *work)
{
    const uint8_t *at = work->text;
    while (*at)
        work->final_counts[read_word(&at, work->step_counts)]++;
}

static void disturb_text(struct coremark_work *work, uint8_t with, uint32_t step)
{
    for (uint32_t i = 0; i < TEXT_BYTES; i += step) {
        if (work->text[i] != ',')
            work->text[i] ^= with;
    }
}

WORKLOAD_APART static uint16_t run_states(struct coremark_work *work, uint8_t with, uint32_t step,
                                          uint16_t crc)
{
    for (int i = 0; i < STATES; i++)
        work->final_counts[i] = work->step_counts[i] = 0;
    read_words(work);
    disturb_text(work, with, step);
    read_words(work);
    disturb_text(work, with, step);
    for (int i = 0; i < STATES; i++) {
        crc = crc_word(work->final_counts[i], crc);
        crc = crc_word(work->step_counts[i], crc);
    }
    return crc;
}

static void add_constant(int16_t *a, int16_t value)
{
    for (int i = 0; i < MATRIX * MATRIX; i++)
        a[i] = (int16_t)(a[i] + value);
}

static void times_constant(const int16_t *a, int32_t *c, int16_t value)
{
    for (int i = 0; i < MATRIX * MATRIX; i++)
        c[i] = (int32_t)a[i] * value;
}

static void times_vector(const int16_t *a, const int16_t *b, int32_t *c)
{
    for (int i = 0; i < MATRIX; i++) {
        c[i] = 0;
        for (int j = 0; j < MATRIX; j++)
            c[i] += (int32_t)a[i * MATRIX + j] * b[j];
    }
}

static void times_matrix(const int16_t *a, const int16_t *b, int32_t *c)
{
    for (int i = 0; i < MATRIX; i++) {
        for (int j = 0; j < MATRIX; j++) {
            int32_t sum = 0;
            for (int k = 0; k < MATRIX; k++)
                sum += (int32_t)a[i * MATRIX + k] * b[k * MATRIX + j];
            c[i * MATRIX + j] = sum;
        }
    }
}

static void times_matrix_bits(const int16_t *a, const int16_t *b, int32_t *c)
{
    for (int i = 0; i < MATRIX; i++) {
        for (int j = 0; j < MATRIX; j++) {
            uint32_t sum = 0;
            for (int k = 0; k < MATRIX; k++) {
                uint32_t product = (uint32_t)((int32_t)a[i * MATRIX + k] * b[k * MATRIX + j]);
                sum += (product >> 2 & 15u) * (product >> 5 & 127u);
            }
            c[i * MATRIX + j] = (int32_t)sum;
        }
    }
}

/* Counts rises and overruns of a limit on the way through the result. */
static int16_t judge(const int32_t *c, int32_t limit)
{
    int32_t sum = 0, before = 0;
    int16_t score = 0;
    for (int i = 0; i < MATRIX * MATRIX; i++) {
        int32_t now = c[i];
        sum += now;
        if (sum > limit) {
            score = (int16_t)(score + 10);
            sum = 0;
        } else {
            score = (int16_t)(score + (now > before));
        }
        before = now;
    }
    return score;
}

WORKLOAD_APART static uint16_t run_matrix(struct coremark_work *work, int16_t value, uint16_t crc)
{
    int32_t limit = (int32_t)0xfffff000 | value;
    add_constant(work->a, value);
    times_constant(work->a, work->c, value);
    crc = crc_half((uint16_t)judge(work->c, limit), crc);
    times_vector(work->a, work->b, work->c);
    crc = crc_half((uint16_t)judge(work->c, limit), crc);
    times_matrix(work->a, work->b, work->c);
    crc = crc_half((uint16_t)judge(work->c, limit), crc);
    times_matrix_bits(work->a, work->b, work->c);
    crc = crc_half((uint16_t)judge(work->c, limit), crc);
    add_constant(work->a, (int16_t)-value);
    return crc;
}

/* The result of an item; worked out once. */
static int16_t result_of(struct coremark_work *work, struct item *item)
{
    int16_t value = item->value, result = (int16_t)(value & 0x7f);
    if (value & KEPT)
        return result;
    uint8_t seed = (uint8_t)((value >> 3 & 15) * 17);
    if ((value & 7) == 0)
        result = (int16_t)run_states(work, seed, seed < 0x22 ? 0x22 : seed, (uint16_t)work->crc);
    else if ((value & 7) == 1)
        result = (int16_t)run_matrix(work, seed, (uint16_t)work->crc);
    work->crc = crc_half((uint16_t)result, (uint16_t)work->crc);
    result &= 0x7f;
    item->value = (int16_t)((value & 0xff00) | KEPT | result);
    return result;
}

typedef int32_t (*order_fn)(struct coremark_work *work, struct item *a, struct item *b);

static int32_t by_result(struct coremark_work *work, struct item *a, struct item *b)
{
    int16_t x = result_of(work, a);
    return x - result_of(work, b);
}

/* Brings the values back on the way. */
static int32_t by_index(struct coremark_work *work, struct item *a, struct item *b)
{
    (void)work;
    a->value = (int16_t)((a->value & 0xff00) | (a->value >> 8 & 0x7f));
    b->value = (int16_t)((b->value & 0xff00) | (b->value >> 8 & 0x7f));
    return a->index - b->index;
}

/* Merges two runs that follow each other; returns the rest of the list and moves *tail on. */
static struct node *merge(struct coremark_work *work, struct node *p, int size, order_fn order,
                          struct node ***tail)
{
    struct node *q = p;
    int left = 0, right = size;
    for (; left < size && q; left++)
        q = q->next;
    while (left > 0 || (right > 0 && q)) {
        struct node *taken;
        if (left > 0 && (right == 0 || !q || order(work, p->item, q->item) <= 0)) {
            taken = p;
            p = p->next;
            left--;
        } else {
            taken = q;
            q = q->next;
            right--;
        }
        **tail = taken;
        *tail = &taken->next;
    }
    return q;
}

WORKLOAD_APART static struct node *sort(struct coremark_work *work, struct node *list,
                                        order_fn order)
{
    for (int size = 1, merges = 2; merges > 1; size *= 2) {
        struct node *p = list, **tail = &list;
        for (merges = 0; p; merges++)
            p = merge(work, p, size, order, &tail);
        *tail = 0;
    }
    return list;
}

WORKLOAD_APART static struct node *reverse(struct node *list)
{
    struct node *reversed = 0;
    while (list) {
        struct node *next = list->next;
        list->next = reversed;
        reversed = list;
        list = next;
    }
    return reversed;
}

/* By index when it is not negative, else by the low byte of the value. */
WORKLOAD_APART static struct node *find(struct node *list, int16_t index, int16_t value)
{
    if (index >= 0) {
        while (list && list->item->index != index)
            list = list->next;
    } else {
        while (list && (list->item->value & 0xff) != value)
            list = list->next;
    }
    return list;
}

static uint16_t search(struct coremark_work *work, int16_t index)
{
    uint32_t found = 0, missed = 0, score = 0;
    for (int i = 0; i < SEARCHES; i++) {
        struct node *node = find(work->list, index, (int16_t)(i & 0xff));
        work->list = reverse(work->list);
        if (!node) {
            missed++;
            score += (uint32_t)(work->list->next->item->value >> 8) & 1;
        } else {
            found++;
            score += (uint32_t)(node->item->value >> 9) & (node->item->value & 1);
            if (node->next) { /* the next one comes behind the first */
                struct node *moved = node->next;
                node->next = moved->next;
                moved->next = work->list->next;
                work->list->next = moved;
            }
        }
        if (index >= 0)
            index++;
    }
    return (uint16_t)(found * 4 - missed + score);
}

static uint16_t crc_list(const struct node *list, uint16_t crc)
{
    for (; list->next; list = list->next)
        crc = crc_half((uint16_t)list->item->value, crc);
    return crc;
}

WORKLOAD_APART static void run_list(struct coremark_work *work, int16_t index)
{
    work->crc = crc_half(search(work, index), (uint16_t)work->crc);
    if (index > 0)
        work->list = sort(work, work->list, by_result);
    struct node *removed = work->list->next;
    work->list->next = removed->next;
    struct node *found = find(work->list, index, 5);
    work->crc = crc_list(found ? found : work->list, (uint16_t)work->crc);
    removed->next = work->list->next;
    work->list->next = removed;
    work->list = sort(work, work->list, by_index);
    work->crc = crc_list(work->list, (uint16_t)work->crc);
}

static void fill_text(struct coremark_work *work)
{
    static const char words[16][9] = {"5012",     "1234",     "-874",     "+122",
                                      "35.54400", ".1234500", "-110.700", "+0.64400",
                                      "5.500e+3", "-.123e-2", "-87e+832", "+0.6e-12",
                                      "T0.3e-1F", "-T.T++Tq", "1T3.4e4z", "34.0e-T^"};
    uint32_t used = 0;
    for (uint32_t w = 0;; w++) {
        const char *word = words[(w & 3) * 4 + (w >> 2 & 3)];
        uint32_t length = 0;
        while (length < 8 && word[length])
            length++;
        if (used + length + 1 >= TEXT_BYTES)
            break;
        for (uint32_t i = 0; i < length; i++)
            work->text[used++] = (uint8_t)word[i];
        work->text[used++] = ',';
    }
}

static void fill_coremark(struct coremark_work *work)
{
    int32_t seed = 1;
    for (int i = 0; i < ITEMS; i++) {
        int16_t value = (int16_t)((i ^ (i << 3)) & 0x78);
        value = (int16_t)(value | (i & 7));
        work->items[i] = (struct item){(int16_t)(value << 8 | value), (int16_t)i};
        work->nodes[i] = (struct node){i + 1 < ITEMS ? &work->nodes[i + 1] : 0, &work->items[i]};
    }
    work->list = &work->nodes[0];
    for (int i = 0; i < MATRIX * MATRIX; i++) {
        seed = (i + 1) * seed % 65536;
        work->b[i] = (int16_t)(seed + i + 1);
        work->a[i] = (int16_t)((work->b[i] + i + 1) & 0xff);
        seed |= 1;
    }
    fill_text(work);
    work->ready = 1;
}

WORKLOAD_EXPORT int32_t workload_coremark(void *memory, uint32_t n, const uint32_t *table)
{
    struct coremark_work *work = memory;
    (void)table;
    if (!work->ready)
        fill_coremark(work);
    work->crc = 0;
    for (; n; n--) {
        run_list(work, 1);
        run_list(work, -1);
    }
    return (int32_t)work->crc;
}
