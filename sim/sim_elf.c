/* Loading 32-bit little-endian ARM executables through libelf. */
#include "sim_machine.h"

#include "cc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct elf_impl {
    int fd;
    Elf *elf;
    uint32_t moved; /* added to every address of the file */
    char path[512];
};

static enum cc_status check_header(struct elf_impl *impl, struct cc_error *err)
{
    GElf_Ehdr header;
    if (elf_kind(impl->elf) != ELF_K_ELF || !gelf_getehdr(impl->elf, &header) ||
        header.e_ident[EI_CLASS] != ELFCLASS32 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_machine != EM_ARM || header.e_type != ET_EXEC)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: is not a 32-bit little-endian ARM executable; link it with "
                       "arm-none-eabi-gcc",
                       impl->path);
    return CC_OK;
}

typedef enum cc_status (*segment_fn)(void *user, const GElf_Phdr *ph, const uint8_t *data,
                                     struct cc_error *err);

/* Calls fn on every loadable segment, with its ph->p_filesz bytes in the file (there may be none).
 */
static enum cc_status each_segment(struct elf_impl *impl, segment_fn fn, void *user,
                                   struct cc_error *err)
{
    size_t count = 0, size = 0;
    const uint8_t *file = (const uint8_t *)elf_rawfile(impl->elf, &size);
    if (!file || elf_getphdrnum(impl->elf, &count) != 0)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: program headers cannot be read: %s; link the firmware again",
                       impl->path, elf_errmsg(-1));
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr ph;
        if (!gelf_getphdr(impl->elf, (int)i, &ph))
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: program header %zu cannot be read; link the firmware again",
                           impl->path, i);
        if (ph.p_type != PT_LOAD)
            continue;
        ph.p_paddr += impl->moved;
        ph.p_vaddr += impl->moved;
        if (ph.p_filesz == 0)
            ph.p_offset = 0; /* memory without bytes in the file says anything there */
        if (ph.p_offset > size || ph.p_filesz > size - ph.p_offset)
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: program header %zu points behind the end of the file; was it cut "
                           "off? link or copy the firmware again",
                           impl->path, i);
        enum cc_status status = fn(user, &ph, file + ph.p_offset, err);
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}

static enum cc_status measure_segment(void *user, const GElf_Phdr *ph, const uint8_t *data,
                                      struct cc_error *err)
{
    struct sim_elf *elf = user;
    uint32_t address = (uint32_t)ph->p_paddr;
    (void)data;
    (void)err;
    if (ph->p_filesz == 0)
        return CC_OK;
    if (elf->flash_bytes == 0 || address < elf->vector_table)
        elf->vector_table = address;
    elf->flash_bytes += (uint32_t)ph->p_filesz;
    return CC_OK;
}

static enum cc_status load_segment(void *user, const GElf_Phdr *ph, const uint8_t *data,
                                   struct cc_error *err)
{
    return sim_machine_write(user, (uint32_t)ph->p_paddr, data, ph->p_filesz, err);
}

static enum cc_status initialise_segment(void *user, const GElf_Phdr *ph, const uint8_t *data,
                                         struct cc_error *err)
{
    static const uint8_t zeros[4096];
    enum cc_status status = CC_OK;
    if (ph->p_vaddr != ph->p_paddr)
        status = sim_machine_write(user, (uint32_t)ph->p_vaddr, data, ph->p_filesz, err);
    for (uint64_t at = ph->p_filesz; status == CC_OK && at < ph->p_memsz;) {
        uint64_t left = ph->p_memsz - at;
        size_t bytes = left < sizeof zeros ? (size_t)left : sizeof zeros;
        status = sim_machine_write(user, (uint32_t)(ph->p_vaddr + at), zeros, bytes, err);
        at += bytes;
    }
    return status;
}

enum cc_status sim_elf_open(const char *path, struct sim_elf *elf, struct cc_error *err)
{
    memset(elf, 0, sizeof *elf);
    struct elf_impl *impl = calloc(1, sizeof *impl);
    if (!impl)
        return cc_no_memory(err);
    elf->impl = impl;
    strncpy(impl->path, path, sizeof impl->path - 1);
    impl->fd = open(path, O_RDONLY | O_CLOEXEC);
    enum cc_status status = CC_OK;
    if (impl->fd < 0) {
        status =
            cc_fail(err, CC_ERR_INPUT, "%s: cannot be opened: %s; give a file that can be read",
                    path, strerror(errno));
    } else {
        elf_version(EV_CURRENT);
        impl->elf = elf_begin(impl->fd, ELF_C_READ_MMAP, NULL);
        status = impl->elf ? check_header(impl, err)
                           : cc_fail(err, CC_ERR_INPUT, "%s: %s; give a linked ELF file", path,
                                     elf_errmsg(-1));
    }
    if (status == CC_OK)
        status = each_segment(impl, measure_segment, elf, err);
    if (status == CC_OK && elf->flash_bytes == 0)
        status = cc_fail(err, CC_ERR_INPUT,
                         "%s: holds no loadable segment; give the linked executable", path);
    if (status != CC_OK)
        sim_elf_close(elf);
    return status;
}

void sim_elf_move(struct sim_elf *elf, uint32_t distance)
{
    struct elf_impl *impl = elf->impl;
    impl->moved += distance;
    elf->vector_table += distance;
}

enum cc_status sim_elf_load(const struct sim_elf *elf, struct sim_machine *machine,
                            struct cc_error *err)
{
    struct elf_impl *impl = elf->impl;
    enum cc_status status = each_segment(impl, load_segment, machine, err);
    if (status != CC_OK)
        return cc_prefix(err, "%s", impl->path);
    return CC_OK;
}

enum cc_status sim_elf_initialise(const struct sim_elf *elf, struct sim_machine *machine,
                                  struct cc_error *err)
{
    struct elf_impl *impl = elf->impl;
    enum cc_status status = each_segment(impl, initialise_segment, machine, err);
    if (status != CC_OK)
        return cc_prefix(err, "%s", impl->path);
    return CC_OK;
}

/* What is looked for among the symbols, and the name that comes closest to it. */
struct lookup {
    const char *name;
    const char *near; /* NULL = none yet */
    uint32_t value;
};

/* Names that begin with $ mark code and data, not places to name. */
static void compare_name(struct lookup *l, const char *text)
{
    const char *const candidates[] = {l->near ? l->near : text, text};
    if (text[0] && text[0] != '$')
        l->near = cc_nearest(l->name, candidates, 2);
}

/* Whether a symbol is it. */
static int match(struct lookup *l, const GElf_Sym *sym, const char *text)
{
    if (!text || sym->st_shndx == SHN_UNDEF)
        return 0;
    if (strcmp(text, l->name) != 0) {
        compare_name(l, text);
        return 0;
    }
    l->value = (uint32_t)sym->st_value;
    return 1;
}

static int find_in_table(Elf *elf, Elf_Scn *scn, const GElf_Shdr *sh, struct lookup *l)
{
    Elf_Data *data = elf_getdata(scn, NULL);
    size_t count = data && sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0;
    for (size_t i = 0; i < count; i++) {
        GElf_Sym sym;
        if (gelf_getsym(data, (int)i, &sym) &&
            match(l, &sym, elf_strptr(elf, sh->sh_link, sym.st_name)))
            return 1;
    }
    return 0;
}

static enum cc_status fail_missing(const struct elf_impl *impl, const struct lookup *l,
                                   struct cc_error *err)
{
    if (l->near)
        return cc_fail(err, CC_ERR_INPUT, "%s: there is no symbol %s; did you mean %s?", impl->path,
                       l->name, l->near);
    return cc_fail(
        err, CC_ERR_INPUT,
        "%s: there is no symbol %s; compiler or linker may have left it out, or the file "
        "was stripped",
        impl->path, l->name);
}

enum cc_status sim_elf_symbol(const struct sim_elf *elf, const char *name, uint32_t *value,
                              struct cc_error *err)
{
    struct elf_impl *impl = elf->impl;
    struct lookup l = {.name = name};
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(impl->elf, scn));) {
        GElf_Shdr sh;
        if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB &&
            find_in_table(impl->elf, scn, &sh, &l)) {
            *value = l.value + impl->moved;
            return CC_OK;
        }
    }
    return fail_missing(impl, &l, err);
}

/* A function symbol while they are sorted. */
struct candidate {
    struct sim_symbol symbol;
    uint32_t section_end;
    uint8_t binding;
};

/* Names of one address: global before weak before local, then the one with the larger size, then by
 * the alphabet. */
static int compare_candidates(const void *a, const void *b)
{
    static const uint8_t rank[] = {[STB_LOCAL] = 2, [STB_GLOBAL] = 0, [STB_WEAK] = 1};
    const struct candidate *x = a, *y = b;
    if (x->symbol.address != y->symbol.address)
        return x->symbol.address < y->symbol.address ? -1 : 1;
    int xr = x->binding <= STB_WEAK ? rank[x->binding] : 3;
    int yr = y->binding <= STB_WEAK ? rank[y->binding] : 3;
    if (xr != yr)
        return xr - yr;
    if (x->symbol.bytes != y->symbol.bytes)
        return x->symbol.bytes > y->symbol.bytes ? -1 : 1;
    return strcmp(x->symbol.name, y->symbol.name);
}

/* Takes a symbol when it is a function with a name in a section that is executed; bit 0 of its
 * address says Thumb. */
static int take_function(Elf *elf, const GElf_Shdr *table, const GElf_Sym *sym, struct candidate *c)
{
    GElf_Shdr home;
    Elf_Scn *section = elf_getscn(elf, sym->st_shndx);
    const char *name = elf_strptr(elf, table->sh_link, sym->st_name);
    uint64_t address = sym->st_value & ~(uint64_t)1;
    if (GELF_ST_TYPE(sym->st_info) != STT_FUNC || sym->st_shndx == SHN_UNDEF || !name || !name[0] ||
        !section || !gelf_getshdr(section, &home) || !(home.sh_flags & SHF_EXECINSTR) ||
        address < home.sh_addr || address >= home.sh_addr + home.sh_size ||
        home.sh_addr + home.sh_size > UINT32_MAX)
        return 0;
    memset(c, 0, sizeof *c);
    snprintf(c->symbol.name, sizeof c->symbol.name, "%s", name);
    c->symbol.address = (uint32_t)address;
    c->symbol.bytes = sym->st_size > UINT32_MAX ? UINT32_MAX : (uint32_t)sym->st_size;
    c->section_end = (uint32_t)(home.sh_addr + home.sh_size);
    c->binding = GELF_ST_BIND(sym->st_info);
    return 1;
}

/* All of one symbol table behind those that are there; 0 without memory. */
static int take_table(Elf *elf, Elf_Scn *scn, const GElf_Shdr *sh, struct candidate **list,
                      uint32_t *count)
{
    Elf_Data *data = elf_getdata(scn, NULL);
    size_t symbols = data && sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0;
    if (symbols > INT32_MAX - *count)
        return 0;
    struct candidate *grown = realloc(*list, (*count + symbols + 1) * sizeof *grown);
    if (!grown)
        return 0;
    *list = grown;
    for (size_t i = 0; i < symbols; i++) {
        GElf_Sym sym;
        if (gelf_getsym(data, (int)i, &sym))
            *count += (uint32_t)take_function(elf, sh, &sym, &grown[*count]);
    }
    return 1;
}

/* From sorted candidates: a function ends where its size says, at the latest where the next one
 * starts; without a size it reaches up to there, or to the end of its section. */
static void fill_symbols(const struct candidate *from, uint32_t count, uint32_t moved,
                         struct sim_symbol *to)
{
    uint32_t next = UINT32_MAX;
    for (uint32_t i = count; i-- > 0;) {
        if (i + 1 < count && from[i + 1].symbol.address != from[i].symbol.address)
            next = from[i + 1].symbol.address;
        uint32_t end = from[i].section_end < next ? from[i].section_end : next;
        uint32_t room = end - from[i].symbol.address;
        to[i] = from[i].symbol;
        to[i].address += moved;
        if (to[i].bytes == 0 || to[i].bytes > room)
            to[i].bytes = room;
    }
}

enum cc_status sim_elf_functions(const struct sim_elf *elf, struct sim_symbol **list,
                                 uint32_t *count, struct cc_error *err)
{
    struct elf_impl *impl = elf->impl;
    struct candidate *found = NULL;
    int enough = 1;
    *list = NULL;
    *count = 0;
    for (Elf_Scn *scn = NULL; enough && (scn = elf_nextscn(impl->elf, scn));) {
        GElf_Shdr sh;
        if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
            enough = take_table(impl->elf, scn, &sh, &found, count);
    }
    if (enough && *count > 0) {
        *list = calloc(*count, sizeof **list);
        enough = *list != NULL;
    }
    if (enough && *count > 0) {
        qsort(found, *count, sizeof *found, compare_candidates);
        fill_symbols(found, *count, impl->moved, *list);
    }
    free(found);
    if (enough)
        return CC_OK;
    *count = 0;
    return cc_no_memory(err);
}

void sim_elf_close(struct sim_elf *elf)
{
    struct elf_impl *impl = elf->impl;
    if (impl) {
        if (impl->elf)
            elf_end(impl->elf);
        if (impl->fd >= 0)
            close(impl->fd);
        free(impl);
    }
    memset(elf, 0, sizeof *elf);
}
