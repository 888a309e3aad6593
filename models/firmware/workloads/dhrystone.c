/* The work of Dhrystone in its proportions, written anew: per iteration a dozen procedure calls
 * with a few parameters, one copy and one comparison of strings of 30 characters, record
 * assignments, array accesses, branches on characters and enumerations, one multiplication and one
 * division. Results cannot be compared with those of Dhrystone. */
#include "workload_base.h"

#define TEXT 32 /* 30 characters */

enum choice { ONE, TWO, THREE, FOUR, FIVE };

struct record {
    struct record *next;
    enum choice kind, choice;
    int32_t number;
    _Alignas(4) char text[TEXT];
};

struct dhrystone_work {
    struct record records[2];
    struct record *head;
    int32_t number, flag;
    char first, second;
    _Alignas(4) char text_a[TEXT], text_b[TEXT];
    int32_t row[50];
    int32_t grid[8][8];
};
WORKLOAD_FITS(struct dhrystone_work, workload_dhrystone);

static const _Alignas(4) char some_text[TEXT] = "DHRYSTONE-LIKE TEXT, 1ST ENTRY";
static const _Alignas(4) char other_text[TEXT] = "DHRYSTONE-LIKE TEXT, 2ND ENTRY";

/* Strings are aligned and padded to words, and go word by word as in C libraries made for speed. */
static int has_end(uint32_t word)
{
    return ((word - 0x01010101u) & ~word & 0x80808080u) != 0;
}

WORKLOAD_APART static void copy_text(char *to, const char *from)
{
    uint32_t word;
    do {
        __builtin_memcpy(&word, __builtin_assume_aligned(from, 4), 4);
        __builtin_memcpy(__builtin_assume_aligned(to, 4), &word, 4);
        from += 4;
        to += 4;
    } while (!has_end(word));
}

WORKLOAD_APART static int compare_text(const char *a, const char *b)
{
    for (;; a += 4, b += 4) {
        uint32_t x, y;
        __builtin_memcpy(&x, __builtin_assume_aligned(a, 4), 4);
        __builtin_memcpy(&y, __builtin_assume_aligned(b, 4), 4);
        if (x != y || has_end(x))
            break;
    }
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (uint8_t)*a - (uint8_t)*b;
}

WORKLOAD_APART static enum choice same_letter(char a, char b)
{
    char x = a, y = x;
    return y == b ? TWO : ONE;
}

WORKLOAD_APART static int text_before(struct dhrystone_work *work, const char *a, const char *b)
{
    int at = 2;
    char letter = 'A';
    while (at <= 2) {
        if (same_letter(a[at], b[at + 1]) == ONE) {
            letter = 'A';
            at++;
        }
    }
    if (letter >= 'W' && letter < 'Z')
        at = 7;
    if (letter == 'R')
        return 1;
    if (compare_text(a, b) <= 0)
        return 0;
    work->number = at + 7;
    return 1;
}

WORKLOAD_APART static int is_third(enum choice choice)
{
    enum choice copy = choice;
    return copy == THREE;
}

WORKLOAD_APART static void add_with_two(int32_t a, int32_t b, int32_t *sum)
{
    *sum = b + a + 2;
}

WORKLOAD_APART static void choose(struct dhrystone_work *work, enum choice from, enum choice *to)
{
    *to = from;
    if (!is_third(from))
        *to = FOUR;
    switch (from) {
    case ONE:
        *to = ONE;
        break;
    case TWO:
        *to = work->number > 100 ? ONE : FOUR;
        break;
    case THREE:
        *to = TWO;
        break;
    case FOUR:
        break;
    default:
        *to = THREE;
        break;
    }
}

WORKLOAD_APART static void follow(struct dhrystone_work *work, struct record **to)
{
    if (work->head)
        *to = work->head->next;
    add_with_two(10, work->number, &work->head->number);
}

WORKLOAD_APART static void change_record(struct dhrystone_work *work, struct record *record)
{
    struct record *next = record->next;
    *next = *work->head;
    record->number = 5;
    next->number = record->number;
    next->next = record->next;
    follow(work, &next->next);
    if (next->kind == ONE) {
        next->number = 6;
        choose(work, record->choice, &next->choice);
        next->next = work->head->next;
        add_with_two(next->number, 10, &next->number);
    } else {
        *record = *next;
    }
}

WORKLOAD_APART static void search_number(struct dhrystone_work *work, int32_t *number)
{
    int32_t value = *number + 10;
    enum choice choice = TWO;
    do {
        if (work->first == 'A') {
            value--;
            *number = value - work->number;
            choice = ONE;
        }
    } while (choice != ONE);
}

WORKLOAD_APART static void set_flag(struct dhrystone_work *work)
{
    int32_t equal = work->first == 'A';
    work->flag = equal | work->flag;
    work->second = 'B';
}

WORKLOAD_APART static void set_letters(struct dhrystone_work *work)
{
    work->first = 'A';
    work->flag = 0;
}

WORKLOAD_APART static void fill_grid(struct dhrystone_work *work, int32_t a, int32_t b)
{
    int32_t at = a + 5;
    work->row[at] = b;
    work->row[at + 1] = work->row[at];
    work->row[at + 30] = at;
    for (int32_t i = at; i <= at + 1; i++)
        work->grid[at & 7][i & 7] = at;
    work->grid[at & 7][(at - 1) & 7] += 1;
    work->grid[(at + 4) & 7][at & 7] = work->row[at];
    work->number = 5;
}

WORKLOAD_APART static int32_t iterate(struct dhrystone_work *work)
{
    int32_t a = 2, b = 3, c = 0;
    enum choice choice = TWO;
    set_letters(work);
    set_flag(work);
    copy_text(work->text_b, other_text);
    work->flag = !text_before(work, work->text_a, work->text_b);
    while (a < b) {
        c = 5 * a - b;
        add_with_two(a, b, &c);
        a++;
    }
    fill_grid(work, a, c);
    change_record(work, work->head);
    for (char letter = 'A'; letter <= work->second; letter++) {
        if (choice == (enum choice)same_letter(letter, 'C'))
            choose(work, ONE, &choice);
    }
    b = b * a;
    a = b / c;
    b = 7 * (b - c) - a;
    search_number(work, &a);
    return a + b + c + (int32_t)choice;
}

static void fill_dhrystone(struct dhrystone_work *work)
{
    work->head = &work->records[0];
    work->records[0] = (struct record){&work->records[1], ONE, THREE, 40, ""};
    copy_text(work->records[0].text, some_text);
    copy_text(work->text_a, some_text);
}

WORKLOAD_EXPORT int32_t workload_dhrystone(void *memory, uint32_t n, const uint32_t *table)
{
    struct dhrystone_work *work = memory;
    int32_t sum = 0;
    (void)table;
    if (!work->head)
        fill_dhrystone(work);
    for (; n; n--)
        sum += iterate(work);
    return sum + work->flag;
}
