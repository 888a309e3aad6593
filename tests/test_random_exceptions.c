/* Random programs that use everything of the NVIC, SysTick, masks, sleep and modes at once. Each
 * must end, at its marker or with a message about the firmware, with a profile whose identities
 * hold; every third one that ends well is compared with the walk instruction by instruction. */
#include "sim_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FLASH    0x08000000u
#define CODE     (FLASH + 0x200)
#define MARK     0xe0000060u
#define VECTORS  128
#define HANDLERS 6
#define SNIPPETS 25
#define TURNS    30
#define SEEDS    400

static uint32_t random_state;
static uint16_t code[4000];
static size_t length;

static uint32_t below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % n;
}

static uint32_t any(void)
{
    return below(0x10000) << 16 | below(0x10000);
}

static void emit(uint32_t halfword)
{
    code[length++] = (uint16_t)halfword;
}

static void emit_wide(uint32_t first, uint32_t second)
{
    emit(first);
    emit(second);
}

/* MOVW and MOVT. */
static void load(uint32_t reg, uint32_t value)
{
    for (int top = 0; top < 2; top++) {
        uint32_t half = top ? value >> 16 : value & 0xffff;
        emit_wide((top ? 0xf2c0u : 0xf240u) | (half >> 11 & 1) << 10 | half >> 12,
                  (half >> 8 & 7) << 12 | reg << 8 | (half & 0xff));
    }
}

static void store(uint32_t address, uint32_t value)
{
    load(0, address);
    load(1, value);
    emit(0x6001); /* str r1, [r0] */
}

/* Registers of the system control space, some of the DWT, and RAM. */
static uint32_t some_register(void)
{
    static const uint32_t registers[] = {
        0xe000e010, 0xe000e014, 0xe000e018, 0xe000e100, 0xe000e180, 0xe000e200, 0xe000e280,
        0xe000e300, 0xe000e400, 0xe000e5dc, 0xe000ed04, 0xe000ed04, 0xe000ed04, 0xe000ed0c,
        0xe000ed10, 0xe000ed18, 0xe000ed20, 0xe000ed24, 0xe000ef00, 0xe000ef34, 0xe0001000,
        0xe0001004, 0xe0001008, 0xe000edfc, 0x20000100,
    };
    return registers[below(sizeof registers / sizeof registers[0])] + 4 * (below(3) ? 0 : below(3));
}

static uint32_t some_value(uint32_t address)
{
    uint32_t values[] = {any(),
                         7,
                         0xffffffff,
                         100 + below(500),
                         (uint32_t)1 << below(32),
                         0x05fa0000 | below(8) << 8,
                         below(256),
                         0};
    uint32_t value = values[below(8)];
    if (address == 0xe000ed04 && below(2))
        value = below(2) ? 1u << 28 : 1u << 26;
    if (address == 0xe000ed0c)
        value &= ~4u; /* no system reset */
    if (address == 0xe000ed08)
        value = below(20) ? FLASH : value;
    return value;
}

static void write_something(void)
{
    static const uint16_t stores[] = {0x6001, 0x6001, 0x6001, 0x7001, 0x8001};
    uint32_t address = some_register();
    load(0, address);
    load(1, some_value(address));
    emit(stores[below(5)]);
    if (below(2))
        emit_wide(0xf3bf, 0x8f6f); /* isb */
}

static void unmask(void)
{
    emit(0xb662); /* cpsie i */
    emit(0xb661); /* cpsie f */
    load(0, 0);
    emit_wide(0xf380, 0x8811); /* msr BASEPRI, r0 */
}

/* A thread on the process stack, perhaps unprivileged. */
static void change_mode(void)
{
    load(0, 0x20003000);
    emit_wide(0xf380, 0x8809); /* msr PSP, r0 */
    load(0, below(4));
    emit_wide(0xf380, 0x8814); /* msr CONTROL, r0 */
    emit_wide(0xf3bf, 0x8f6f); /* isb */
}

static void conditional(int handler)
{
    emit(0x4288);                                        /* cmp r0, r1 */
    emit(0xbf0c);                                        /* ite eq */
    emit(0x3301);                                        /* addeq r3, #1 */
    emit(below(20) == 0 && !handler ? 0xdf02u : 0x3302); /* svcne, addne */
}

static void conditional_hints(void)
{
    emit(0x4288);
    emit(0xbf07); /* ittee eq */
    emit(0xbf30); /* wfieq */
    emit(0x3301);
    emit(0xbf10); /* yieldne */
    emit(0x3302);
}

static void snippet(int handler)
{
    static const uint16_t masking[] = {0xb672, 0xb671}; /* cpsid */
    switch (below(22)) {
    case 0:
        load(0, some_register());
        emit(below(3) ? 0x6801 : 0x7801); /* ldr, ldrb r1, [r0] */
        break;
    case 1:
        if (!handler) {
            unmask();
            emit(0xdf01); /* svc */
        }
        break;
    case 2:
        emit(below(3) ? 0xbf00u : 0xbf30); /* nop, wfi */
        break;
    case 3:
        emit(below(3) ? 0xbf40u : 0xbf20); /* sev, wfe */
        break;
    case 4:
        unmask();
        break;
    case 5:
        emit(masking[below(2)]);
        break;
    case 6:
        emit(0x2002 + below(8)); /* movs r0, # */
        emit(0x3801);            /* subs r0, #1 */
        emit(0xd1fd);            /* bne */
        break;
    case 7:
        conditional(handler);
        break;
    case 8:
        conditional_hints();
        break;
    case 9:
        load(0, below(256));
        emit_wide(0xf380, 0x8811);
        break;
    case 10:
        emit_wide(0xee30, 0x0a01); /* vadd.f32 s0, s0, s2 */
        emit_wide(0xeeb4, 0x0a41); /* vcmp.f32 s0, s2 */
        break;
    case 11:
        if (!handler && below(3) == 0)
            change_mode();
        break;
    case 12:
        emit_wide(0xfb91, 0xf2f3); /* sdiv r2, r1, r3 */
        break;
    case 13:
        emit(0xb40f); /* push {r0-r3} */
        emit(0x3001);
        emit(0xbc0f); /* pop {r0-r3} */
        break;
    case 14:
    case 15:
        emit(0x1800 | (below(0x200) & ~7u) | below(4)); /* adds, subs */
        break;
    default:
        write_something();
        break;
    }
}

static uint32_t emit_handler(void)
{
    uint32_t address = (uint32_t)(CODE + 2 * length + 1);
    uint32_t snippets = 1 + below(4);
    int push = (int)below(2);
    if (push)
        emit(0xb510); /* push {r4, lr} */
    for (uint32_t i = 0; i < snippets; i++)
        snippet(1);
    emit(push ? 0xbd10 : 0x4770); /* pop {r4, pc}, bx lr */
    return address;
}

static uint32_t emit_main(void)
{
    uint32_t address = (uint32_t)(CODE + 2 * length + 1);
    store(MARK, 1);
    emit(0xe7ff); /* b to the next instruction: the marker counts from here */
    store(0xe000e100, 0xffffffff);
    for (int i = 0; i < 4; i++)
        store(below(2) ? 0xe000e400 + 4 * below(4) : 0xe000ed1c + 4 * below(2), any());
    if (below(2)) {
        store(0xe000e014, 60 + below(400));
        store(0xe000e010, 7);
    }
    emit(0x2700 | TURNS); /* movs r7, # */
    size_t loop = length;
    for (int i = 0; i < SNIPPETS; i++)
        snippet(0);
    emit(0x3f01); /* subs r7, #1 */
    emit(0xd001); /* beq over the branch back */
    uint32_t back = (uint32_t)(loop - (length + 2));
    emit_wide(0xf400 | (back >> 11 & 0x3ff), 0xb800 | (back & 0x7ff)); /* b.w */
    store(MARK, 2);
    emit(0xe7ff);
    emit(0xe7fe);
    return address;
}

static void make_program(uint32_t seed, uint32_t vectors[VECTORS])
{
    uint32_t handlers[HANDLERS];
    random_state = seed * 2654435761u | 1;
    memset(code, 0, sizeof code);
    length = 0;
    for (int i = 0; i < HANDLERS; i++)
        handlers[i] = emit_handler();
    for (int i = 0; i < VECTORS; i++)
        vectors[i] = handlers[below(HANDLERS)];
    if (below(20) == 0)
        vectors[2 + below(62)] = any();
    vectors[0] = 0x20002000;
    vectors[1] = emit_main();
}

static enum sim_marker_action on_marker(void *user, uint32_t value, int32_t *scope_id)
{
    (void)user;
    *scope_id = 5;
    return value == 1 ? SIM_MARKER_SCOPE : value == 2 ? SIM_MARKER_PAUSE_STOP : SIM_MARKER_CONTINUE;
}

static void must(enum cc_status status, uint32_t seed, const struct cc_error *err)
{
    if (status != CC_OK)
        fail_msg("seed %u: %s", seed, err->message);
}

/* Exceptions taken; -1 when the firmware failed, which it may. */
static int64_t run(const struct sim_chip *chip, double clock_hz, uint32_t seed)
{
    struct sim_machine *machine;
    struct sim_profile profile;
    struct cc_error err;
    uint32_t vectors[VECTORS];
    struct sim_run_config config = {.marker_address = MARK,
                                    .on_marker = on_marker,
                                    .max_instructions = 100000,
                                    .reference = seed % 3 == 0};
    make_program(seed, vectors);
    must(sim_machine_new(chip, clock_hz, &machine, &err), seed, &err);
    must(sim_machine_configure(machine, &config, &err), seed, &err);
    must(sim_machine_write(machine, FLASH, vectors, sizeof vectors, &err), seed, &err);
    must(sim_machine_write(machine, CODE, code, 2 * length, &err), seed, &err);
    must(sim_machine_reset(machine, FLASH, &err), seed, &err);
    enum cc_status status = sim_machine_run(machine, &err);
    if (status != CC_ERR_FIRMWARE)
        must(status, seed, &err);
    must(sim_machine_profile(machine, 1, &profile, &err), seed, &err);
    if (config.reference && status == CC_OK)
        must(sim_machine_check_reference(machine, &profile, &err), seed, &err);
    int64_t exceptions = status == CC_OK ? (int64_t)profile.total.exceptions : -1;
    sim_profile_free(&profile);
    sim_machine_free(machine);
    return exceptions;
}

static void every_program_ends(void **state)
{
    (void)state;
    static const char *const chips[] = {"stm32f446", "stm32l4r5", "stm32f746", "stm32u575"};
    uint32_t ended = 0;
    int64_t exceptions = 0;
    for (size_t c = 0; c < sizeof chips / sizeof chips[0]; c++) {
        struct sim_chip chip;
        struct cc_error err;
        double clock_hz;
        must(sim_chip_load(chips[c], &chip, &clock_hz, &err), 0, &err);
        for (uint32_t seed = 1; seed <= SEEDS / 4; seed++) {
            int64_t taken = run(&chip, clock_hz, seed + (uint32_t)c * SEEDS);
            ended += taken >= 0;
            exceptions += taken > 0 ? taken : 0;
        }
    }
    print_message("%u of %d programs end well, %lld exceptions\n", ended, SEEDS,
                  (long long)exceptions);
    assert_true(ended > SEEDS / 4);
    assert_true(exceptions > 10 * SEEDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_program_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
