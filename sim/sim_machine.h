/* An emulated chip: memory, a Unicorn core, and accounting. Order of calls:
 * new, load (one or more segments), run ... run, profile, free.
 *
 * run() executes until the marker callback asks to stop, the code faults, or the instruction limit
 * is reached; it may be called again to go on. Accounting starts when the callback first returns a
 * scope, and everything before (boot) is dropped. */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include "sim_chip.h"
#include "sim_profile.h"

struct sim_machine;

/* What the marker callback wants next. */
enum sim_marker_action {
    SIM_MARKER_CONTINUE, /* go on in the current scope */
    SIM_MARKER_SCOPE,    /* charge what follows to scope *scope_id */
    SIM_MARKER_STOP,     /* as SCOPE, and return from sim_machine_run */
    SIM_MARKER_PAUSE,    /* charge nothing until the next SCOPE (between invocations) */
    SIM_MARKER_PAUSE_STOP,
};

/* Called for every store to the marker address, once the block that made it has run to its end.
 * Memory may be read and written with sim_machine_read and sim_machine_write inside. */
typedef enum sim_marker_action (*sim_marker_fn)(void *user, uint32_t value, int32_t *scope_id);

struct sim_run_config {
    uint32_t marker_address; /* 0 = none */
    sim_marker_fn on_marker;
    void *user;
    uint32_t stack_limit;      /* lowest legal stack pointer; 0 = not checked */
    uint64_t max_instructions; /* 0 = 20 billion; counted over all run() calls */
    int reference;             /* test mode: also walk every instruction, slowly */
    /* Told the number of instructions run, each SIM_TICK_INSTRUCTIONS or a few more; NULL = none */
    void (*on_tick)(void *user, uint64_t instructions);
    void *tick_user;
};

#define SIM_TICK_INSTRUCTIONS 1000000

enum cc_status sim_machine_new(const struct sim_chip *chip, double clock_hz,
                               struct sim_machine **machine, struct cc_error *err);
void sim_machine_free(struct sim_machine *machine);

/* Copies bytes into emulated memory (flash included). CC_ERR_INPUT when outside every region. */
enum cc_status sim_machine_write(struct sim_machine *machine, uint32_t address, const void *data,
                                 size_t bytes, struct cc_error *err);
enum cc_status sim_machine_read(struct sim_machine *machine, uint32_t address, void *data,
                                size_t bytes, struct cc_error *err);

/* Takes SP and PC from the vector table at this address, as reset does. */
enum cc_status sim_machine_reset(struct sim_machine *machine, uint32_t vector_table,
                                 struct cc_error *err);

enum cc_status sim_machine_configure(struct sim_machine *machine,
                                     const struct sim_run_config *config, struct cc_error *err);

/* CC_ERR_FIRMWARE with PC, the access and the scope's name on a fault; CC_OK when the callback
 * stopped it. */
enum cc_status sim_machine_run(struct sim_machine *machine, struct cc_error *err);

/* Runs until the instruction at an address is about to be executed; blocks are cut there. At once
 * when it is the next one. Errors as sim_machine_run. */
enum cc_status sim_machine_run_to(struct sim_machine *machine, uint32_t address,
                                  struct cc_error *err);

/* Between two sim_machine_run_to: what runs from here on is charged to a scope, with nothing in
 * the pipeline at first; and no longer. Closing charges the way out of the last instruction (a
 * taken branch's refill), not what is executed next. */
enum cc_status sim_machine_open_window(struct sim_machine *machine, int32_t scope_id,
                                       struct cc_error *err);
enum cc_status sim_machine_close_window(struct sim_machine *machine, struct cc_error *err);

/* Where a function that is called without a caller may return to: for sim_machine_run_to. */
enum cc_status sim_machine_landing_pad(struct sim_machine *machine, uint32_t *address,
                                       struct cc_error *err);

/* r0 to r15; 13 also tells where the stack starts, 15 where the next run does. */
void sim_machine_set_register(struct sim_machine *machine, unsigned number, uint32_t value);
/* r0 to r12, as the latest run left it. */
uint32_t sim_machine_register(const struct sim_machine *machine, unsigned number);

/* Names a scope for messages and the profile (operator "3 CONV_2D"). */
enum cc_status sim_machine_name_scope(struct sim_machine *machine, int32_t id, const char *name,
                                      struct cc_error *err);

/* Names in messages what runs while no scope does; "start-up" without. The name is not copied. */
void sim_machine_name_unmeasured(struct sim_machine *machine, const char *name);

/* The core clock now: what firmware has programmed, else that of sim_machine_new. */
double sim_machine_clock_hz(const struct sim_machine *machine);

/* The memory configuration charged now, and which parts of it firmware has programmed: the
 * profile's timing_note. */
void sim_machine_timing_note(const struct sim_machine *machine, char *text, size_t size);

/* Totals so far (sum over the invocations that ran); caller frees with sim_profile_free. Scopes
 * come in the order of their ids. */
enum cc_status sim_machine_profile(struct sim_machine *machine, uint32_t invocations,
                                   struct sim_profile *profile, struct cc_error *err);

/* Fills profile->functions, of a profile whose mean has not been taken yet, from the symbols of the
 * program that ran, by falling cycles. What lies in no function stands under SIM_NO_FUNCTION, so
 * that the functions add up to the total. */
#define SIM_NO_FUNCTION "(no function)"
struct sim_elf;
enum cc_status sim_machine_functions(struct sim_machine *machine, const struct sim_elf *elf,
                                     struct sim_profile *profile, struct cc_error *err);

/* The code of a function with what its instructions cost in the measured window, summed over all
 * invocations; listing->name stays empty. Code that was not executed is listed too; literal pools
 * and branch tables that the code tells of are shown as data. Caller frees with sim_listing_free.
 * CC_ERR_INPUT when the range is larger than SIM_LISTING_MAX_BYTES or is no memory. */
#define SIM_LISTING_MAX_BYTES (1u << 20)
enum cc_status sim_machine_annotate(struct sim_machine *machine, uint32_t address, uint32_t bytes,
                                    struct sim_listing *listing, struct cc_error *err);

/* Test mode: the measured window again, from a walk instruction by instruction that knows nothing
 * of blocks and passes. CC_ERR_INTERNAL names the first figure of the profile (before its mean is
 * taken) that is not equal; CC_OK without test mode. */
enum cc_status sim_machine_check_reference(const struct sim_machine *machine,
                                           const struct sim_profile *profile, struct cc_error *err);

/* Host ELF helper: loads the segments of a 32-bit little-endian ARM ELF file and finds symbols. */
struct sim_elf {
    void *impl;
    uint32_t vector_table; /* address of the lowest loaded flash segment */
    uint32_t flash_bytes;  /* loaded bytes of all segments */
};
enum cc_status sim_elf_open(const char *path, struct sim_elf *elf, struct cc_error *err);
/* Position-independent code is to lie elsewhere: `distance` further up than the file says, modulo
 * 2^32. Segments, symbols and functions follow. */
void sim_elf_move(struct sim_elf *elf, uint32_t distance);
enum cc_status sim_elf_load(const struct sim_elf *elf, struct sim_machine *machine,
                            struct cc_error *err);
/* What start-up code does: initialised data goes from where it is loaded to where it is used, what
 * follows it there is zeroed. */
enum cc_status sim_elf_initialise(const struct sim_elf *elf, struct sim_machine *machine,
                                  struct cc_error *err);
/* CC_ERR_INPUT naming the symbol when it is missing. */
enum cc_status sim_elf_symbol(const struct sim_elf *elf, const char *name, uint32_t *value,
                              struct cc_error *err);
/* A function by its symbol. */
struct sim_symbol {
    char name[SIM_NAME_BYTES];
    uint32_t address; /* without the Thumb bit */
    uint32_t bytes;
};

/* Functions by rising address; of several names of one address the preferred one comes first. None
 * overlap; a size that the file does not tell reaches to the next one. A file without symbols has
 * none. Caller frees *list with free(). */
enum cc_status sim_elf_functions(const struct sim_elf *elf, struct sim_symbol **list,
                                 uint32_t *count, struct cc_error *err);
void sim_elf_close(struct sim_elf *elf);

#endif
