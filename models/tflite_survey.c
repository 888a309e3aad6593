/* Everything in a .tflite file that is not supported, for the message that refuses it: who wonders
 * whether porting is worth it needs the whole list. Only refused files are surveyed. */
#include "models_ops.h"
#include "tflite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SURVEYED 32 /* inputs, and outputs, of one operator: hostile ones share a vector */
#define OTHER_TYPES  31 /* bit of all types that have no bit of their own */
#define MORE_BYTES   sizeof " and 65536 more"
#define PATH_SHOWN   480u /* bytes: a longer path loses its start, not the message its end */

/* An operator at fault; later, all those of the same name and types. */
struct finding {
    char name[MODELS_TFLITE_KIND_BYTES];
    uint32_t types; /* bit t: a tensor is of TensorType t, which no supported operator takes */
    uint32_t first, count;
};

struct survey {
    struct finding *findings; /* [operators] at most, owned */
    uint32_t n_findings, n_ops_at_fault;
};

/* Whether this tensor keeps its operator from running here: INT32 is for biases and shapes, which
 * are never the first input. */
static int type_at_fault(int type, int supported, int is_activation)
{
    return type != MODELS_INT8 && (type != MODELS_INT32 || (supported && is_activation));
}

/* Field 1: inputs, 2: outputs. Indices out of range are the business of whoever reads them. */
static uint32_t types_at_fault(struct models_tflite *r, struct models_fb_table op, uint32_t field,
                               int supported)
{
    struct models_fb_vector indices = models_fb_vector(op, field, 4);
    uint32_t types = 0;
    for (uint32_t i = 0; i < indices.count && i < MAX_SURVEYED; i++) {
        int32_t tensor = models_fb_i32_at(indices, i);
        if (tensor < 0 || (uint32_t)tensor >= r->tensors.count)
            continue;
        int type = models_fb_u8(models_fb_tables_at(r->tensors, (uint32_t)tensor), 1, 0);
        if (type_at_fault(type, supported, field == 2 || i == 0))
            types |= UINT32_C(1) << (type < OTHER_TYPES ? type : OTHER_TYPES);
    }
    return types;
}

static void survey_op(struct models_tflite *r, uint32_t index, struct survey *s)
{
    struct models_fb_table op = models_fb_tables_at(r->ops, index);
    struct models_fb_table code = models_tflite_code_of(r, op);
    int supported = models_ops_find(models_tflite_builtin_code(code)) != NULL;
    uint32_t types = types_at_fault(r, op, 1, supported) | types_at_fault(r, op, 2, supported);
    if (supported && !types)
        return;
    struct finding *f = &s->findings[s->n_findings++];
    models_tflite_kind_name(code, f->name);
    f->types = types;
    f->first = index;
    f->count = 1;
}

static int by_kind(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (order == 0)
        order = (x->types > y->types) - (x->types < y->types);
    return order ? order : (x->first > y->first) - (x->first < y->first);
}

/* The most frequent first, then in the order of execution. */
static int by_count(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int order = (x->count < y->count) - (x->count > y->count);
    return order ? order : (x->first > y->first) - (x->first < y->first);
}

/* Sorted rather than searched: a hostile file may have 65536 kinds. */
static void merge(struct survey *s)
{
    uint32_t kept = 0;
    s->n_ops_at_fault = s->n_findings;
    if (s->n_findings == 0)
        return;
    qsort(s->findings, s->n_findings, sizeof *s->findings, by_kind);
    for (uint32_t i = 1; i < s->n_findings; i++) {
        struct finding *last = &s->findings[kept], *f = &s->findings[i];
        if (f->types == last->types && strcmp(f->name, last->name) == 0)
            last->count++;
        else
            s->findings[++kept] = *f;
    }
    s->n_findings = kept + 1;
    qsort(s->findings, s->n_findings, sizeof *s->findings, by_count);
}

/* s->findings is the caller's to free, whatever is returned. */
static enum cc_status survey_make(struct models_tflite *r, struct survey *s)
{
    s->findings = calloc(r->ops.count, sizeof *s->findings);
    if (!s->findings)
        return cc_no_memory(r->err);
    for (uint32_t i = 0; i < r->ops.count && !r->fb.problem; i++)
        survey_op(r, i, s);
    if (r->fb.problem)
        return models_tflite_malformed(r);
    merge(s);
    return CC_OK;
}

/* Appends to text; 0, with text as it was, when it does not fit. */
static int append(char *text, size_t size, const char *more)
{
    size_t used = strlen(text), n = strlen(more);
    if (n >= size - used)
        return 0;
    memcpy(text + used, more, n + 1);
    return 1;
}

/* "SVDF x7" or "QUANTIZE x2 (INT16, FLOAT32)"; room for every type is more than 32 x 16 bytes. */
static void describe(const struct finding *f, char *text, size_t size)
{
    snprintf(text, size, "%s x%u", f->name, f->count);
    for (int type = 0; type <= OTHER_TYPES; type++) {
        if (!(f->types >> type & 1))
            continue;
        append(text, size, f->types & ((UINT32_C(1) << type) - 1) ? ", " : " (");
        append(text, size, type < OTHER_TYPES ? models_type_name(type) : "unknown types");
    }
    if (f->types)
        append(text, size, ")");
}

/* As many findings as fit beside " and N more", which is always kept free; size is more than that.
 */
static void write_list(const struct survey *s, char *list, size_t size)
{
    char one[MODELS_TFLITE_KIND_BYTES + 640], more[32];
    uint32_t shown = 0;
    list[0] = '\0';
    for (; shown < s->n_findings; shown++) {
        int last = shown + 1 == s->n_findings;
        size_t used = strlen(list), room = size - (last ? 0 : MORE_BYTES - 1);
        describe(&s->findings[shown], one, sizeof one);
        if ((shown && !append(list, room, ", ")) || !append(list, room, one)) {
            list[used] = '\0';
            break;
        }
    }
    if (shown == s->n_findings)
        return;
    snprintf(more, sizeof more, "%s%u more", shown ? " and " : "", s->n_findings - shown);
    append(list, size, more);
}

/* The end of a path that would fill the message; not from the middle of a UTF-8 character. */
static const char *shown_path(const char *path, const char **mark)
{
    size_t length = strlen(path);
    *mark = length > PATH_SHOWN ? "..." : "";
    if (length <= PATH_SHOWN)
        return path;
    path += length - PATH_SHOWN;
    while (((unsigned char)*path & 0xc0) == 0x80)
        path++;
    return path;
}

static enum cc_status refuse(struct models_tflite *r, const struct survey *s, const char *where,
                             const char *what, const char *supported)
{
    char head[sizeof r->err->message], list[sizeof head] = "", counts[64];
    const char *mark, *path = shown_path(r->path, &mark);
    snprintf(head, sizeof head, "%s%s:%s: %s", mark, path, where, what);
    /* None when the tensor at fault is one that no operator uses. */
    if (s->n_findings) {
        snprintf(counts, sizeof counts, "; unsupported are %u of %u operators: ", s->n_ops_at_fault,
                 r->ops.count);
        append(head, sizeof head, counts);
        size_t taken = strlen(head) + strlen("; ") + strlen(supported);
        if (taken + MORE_BYTES < sizeof list)
            write_list(s, list, sizeof list - taken);
    }
    return cc_fail(r->err, CC_ERR_INPUT, "%s%s; %s", head, list, supported);
}

enum cc_status models_tflite_unsupported(struct models_tflite *r, const char *where,
                                         const char *what, const char *supported)
{
    struct survey s = {0};
    enum cc_status status = survey_make(r, &s);
    if (status == CC_OK)
        status = refuse(r, &s, where, what, supported);
    free(s.findings);
    return status;
}
