/* coincell validate, end to end through the binary: what is measured, what is refused, what comes
 * out. The firmware is tests/validate/board.s. */
#include "cli_harness.h"

#include "cc_file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADER "firmware,chip,entry,start,stop,measured_cycles,args,calls,name\n"

static void write_csv(const char *path, const char *text)
{
    assert_int_equal(cc_file_write(path, text, strlen(text), NULL), CC_OK);
}

/* The folder holds board.elf, board.bin and ideal-m4.yaml. */
static int set_up(void **state)
{
    if (cli_set_up(state) != 0)
        return -1;
    return shell("cp '" BOARD_DIR "/board.elf' '" BOARD_DIR "/board.bin' . && cp '" CC_SOURCE_DIR
                 "/tests/micro/ideal-m4.yaml' .");
}

static void assert_refused(const char *rows, const char *words)
{
    char text[2048];
    snprintf(text, sizeof text, HEADER "%s\n", rows);
    write_csv("bad.csv", text);
    assert_fails("validate bad.csv", 3, words);
}

static double predicted(json_t *root, size_t row)
{
    return number_at(json_array_get(at(root, "rows"), row), "predicted_cycles");
}

static void test_windows(void **unused)
{
    (void)unused;
    static const struct {
        const char *row;
        double cycles;
    } rows[] = {
        {"board.elf,ideal-m4.yaml,count,,,32,,,", 32},
        {"board.elf,ideal-m4.yaml,0x%x,,,32,,,by address", 32},
        {"board.bin,ideal-m4.yaml,0x%x,,,32,,,raw image", 32},
        {"board.elf,ideal-m4.yaml,,first,second,3,,,", 3}, /* cut out of the middle of a block */
        {"board.elf,ideal-m4.yaml,,condition,inside,2,,,", 2}, /* out of an IT block */
        {"board.elf,ideal-m4.yaml,,inside,first,2,,,", 2},
        {"board.elf,ideal-m4.yaml,,third,within,3,,,", 3},       /* into code that ran before */
        {"board.elf,ideal-m4.yaml,,second,third,12,,,", 12},     /* 1, three turns of 3, one of 2 */
        {"board.elf,ideal-m4.yaml,,first,third,15,,,", 15},      /* the sum */
        {"board.elf,ideal-m4.yaml,,third,idle,34,,,", 34},       /* BL takes 2, the function 32 */
        {"board.elf,ideal-m4.yaml,,first,count,17,,,", 17},      /* up to the called function */
        {"board.elf,ideal-m4.yaml,turns,,,1,5 2 -3 table,,", 0}, /* see below */
        {"board.elf,ideal-m4.yaml,turns,,,1,0x19 2 -3 table,,", 0},
        {"board.elf,ideal-m4.yaml,grow,,,1,,1,", 0},
        {"board.elf,ideal-m4.yaml,grow,,,1,,11,", 0},
        {"board.elf,ideal-m4.yaml,halve,,,5,,,", 5},  /* three at 1, and 2 for BX */
        {"board.elf,ideal-m4.yaml,deep,,,14,,,", 14}, /* 1 + 5, 1 + 5 and P = 2 */
        {"board.elf,ideal-m4.yaml,serve,,,9,,,", 0},  /* see below */
    };
    char text[4096] = HEADER;
    char row[256];
    uint32_t count = 0;
    assert_int_equal(shell("arm-none-eabi-nm board.elf"), 0);
    const char *line = strstr(out, " T count");
    assert_non_null(line);
    count = (uint32_t)strtoul(line - 8, NULL, 16);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *hole = strstr(rows[i].row, "%x");
        if (hole)
            snprintf(row, sizeof row, "%.*s%x%s\n", (int)(hole - rows[i].row), rows[i].row, count,
                     hole + 2);
        else
            snprintf(row, sizeof row, "%s\n", rows[i].row);
        strncat(text, row, sizeof text - strlen(text) - 1);
    }
    write_csv("windows.csv", text);
    assert_ok("validate --json windows.csv");
    json_t *root = parsed();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].cycles > 0 && predicted(root, i) != rows[i].cycles)
            fail_msg("%s: %g cycles, expected %g", rows[i].row, predicted(root, i), rows[i].cycles);
    }
    /* 20 turns of 3 cycles more; arguments are numbers or symbols */
    assert_float_equal(predicted(root, 12) - predicted(root, 11), 60, 0);
    /* entry and return of an exception, 12 and 10 cycles, are not left out */
    assert_in_range((int)predicted(root, sizeof rows / sizeof rows[0] - 1), 22, 40);
    /* initialised data count up: 3 turns in the first call, 13 in the eleventh */
    assert_float_equal(predicted(root, 14) - predicted(root, 13), 30, 0);
    json_decref(root);
}

/* Errors of +10, -20, 0 and +30 percent: count takes 32 cycles. */
static const char four[] =
    "# cycles of a made-up board\n"
    "\n"
    " name , firmware , chip, measured_cycles, note, entry\r\n"
    "\"a, \"\"quoted\"\"\", board.elf, ideal-m4.yaml, 29.0909090909, x, count\r\n"
    "b,board.elf,ideal-m4.yaml@50,40,,count\n"
    "  # another chip\n"
    "c,board.elf,stm32l4r5@20,32,,count\n"
    "d,board.elf,stm32l4r5@20,24.6153846154,,count";

static void test_statistics(void **unused)
{
    (void)unused;
    write_csv("four.csv", four);
    assert_ok("validate --json four.csv");
    json_t *root = parsed();
    json_t *rows = at(root, "rows");
    assert_int_equal(json_array_size(rows), 4);
    assert_string_equal(text_at(json_array_get(rows, 0), "name"), "a, \"quoted\"");
    assert_float_equal(number_at(json_array_get(rows, 0), "line"), 4, 0);
    assert_float_equal(number_at(json_array_get(rows, 3), "line"), 8, 0);
    assert_float_equal(number_at(json_array_get(rows, 1), "clock_hz"), 50e6, 0);
    assert_near(number_at(json_array_get(rows, 0), "error_percent"), 10, 1e-6);
    assert_near(number_at(json_array_get(rows, 1), "error_percent"), -20, 1e-6);
    assert_near(number_at(root, "all.mean_percent"), 5, 1e-6);
    assert_near(number_at(root, "all.mean_absolute_percent"), 15, 1e-6);
    assert_near(number_at(root, "all.median_absolute_percent"), 15, 1e-6);
    assert_near(number_at(root, "all.p90_absolute_percent"), 27, 1e-6); /* 20 + 0.7 (30 - 20) */
    assert_near(number_at(root, "all.largest_absolute_percent"), 30, 1e-6);
    assert_near(number_at(root, "chips.ideal-m4.mean_percent"), -5, 1e-6);
    assert_near(number_at(root, "chips.ideal-m4.p90_absolute_percent"), 19, 1e-6);
    assert_near(number_at(root, "chips.stm32l4r5.mean_absolute_percent"), 15, 1e-6);
    assert_float_equal(number_at(root, "all.ran"), 4, 0);
    assert_float_equal(number_at(root, "all.failed"), 0, 0);
    json_decref(root);
}

static void test_text(void **unused)
{
    (void)unused;
    write_csv("four.csv", four);
    assert_ok("validate four.csv");
    assert_non_null(strstr(out,
                           "    5 b                              ideal-m4      50            32 "
                           "           40  -20.00%"));
    assert_non_null(strstr(out, "+5.00%         15.00%    15.00%    27.00%    30.00%"));
    for (char *line = strtok(out, "\n"); line; line = strtok(NULL, "\n"))
        assert_true(strlen(line) <= 100);
}

/* Behind the usual table, and in each row of the JSON. */
static void test_explain(void **unused)
{
    (void)unused;
    long long sum = 0;
    const char *cause;
    json_t *value;
    write_csv("four.csv", four);
    assert_ok("validate four.csv");
    char *usual = strdup(out);
    assert_non_null(usual);
    assert_ok("validate --explain four.csv");
    assert_int_equal(strncmp(out, usual, strlen(usual)), 0);
    assert_non_null(strstr(out, "\n line name                         cycles   CPI  issue"));
    assert_non_null(strstr(out + strlen(usual), "\n    5 b                                "));
    free(usual);
    assert_ok("validate --json four.csv");
    json_t *root = parsed();
    json_object_foreach(json_object_get(json_array_get(at(root, "rows"), 1), "causes"), cause,
                        value) sum += json_integer_value(value);
    assert_float_equal((double)sum, predicted(root, 1), 0);
    json_decref(root);
}

/* Slept cycles are no part of a row's, but they are told; where nobody sleeps nothing is said. */
static void test_slept(void **unused)
{
    (void)unused;
    char note[128];
    write_csv("slept.csv", HEADER "board.elf,ideal-m4.yaml,count,,,32,,,\n"
                                  "board.elf,ideal-m4.yaml,nap,,,20,,,\n"
                                  "board.elf,ideal-m4.yaml,nap,,,20,,3,\n");
    assert_ok("validate --json slept.csv");
    json_t *root = parsed();
    json_t *rows = at(root, "rows");
    assert_null(json_object_get(json_array_get(rows, 0), "sleep_cycles"));
    for (size_t i = 1; i < 3; i++) { /* of the call that is measured only */
        int slept = (int)number_at(json_array_get(rows, i), "sleep_cycles");
        assert_in_range(slept, 4950, 4999);
        assert_float_equal(predicted(root, i), 17, 0); /* fifteen, 2 for the first LDR and for BX */
    }
    int slept = (int)number_at(json_array_get(rows, 1), "sleep_cycles");
    json_decref(root);
    assert_ok("validate slept.csv");
    snprintf(note, sizeof note, "\n%d,%03d cycles slept in line 3, not among its cycles\n",
             slept / 1000, slept % 1000);
    assert_non_null(strstr(out, note));
    assert_non_null(strstr(out, "slept in line 4,"));
    assert_null(strstr(out, "slept in line 2,"));
}

/* Firmware that fails does not keep the others from running. */
static void test_failures(void **unused)
{
    (void)unused;
    write_csv("some.csv", HEADER "board.elf,ideal-m4.yaml,count,,,32,,,\n"
                                 "board.elf,ideal-m4.yaml,peripheral,,,9,,,\n"
                                 "board.elf,ideal-m4.yaml,hang,,,9,,,\n"
                                 "board.elf,ideal-m4.yaml,,reset,grow,9,,,\n"
                                 "board.elf,ideal-m4.yaml,count,,,32,,,\n"
                                 "board.elf,ideal-m4.yaml,sleep,,,9,,,\n"
                                 "board.elf,ideal-m4.yaml,peripheral,,,9,,3,\n");
    assert_int_equal(coincell("validate --max-instructions 100000 some.csv"), 4);
    assert_non_null(strstr(out, "line 3: firmware: read of 4 bytes at 0x40021000"));
    assert_non_null(strstr(out, "line 4: firmware: no end within 100000 instructions"));
    assert_non_null(strstr(out, "line 5: stop 0x"));
    assert_non_null(strstr(out, "line 7: firmware: went to sleep (WFI)"));
    assert_non_null(strstr(strstr(out, "line 7: "), "expected a running SysTick"));
    assert_non_null(strstr(strstr(out, "line 8: firmware: read"), "in an earlier call"));
    assert_non_null(strstr(err, "some.csv:3: "));
    assert_non_null(strstr(err, "5 of 7 measurements failed"));
    assert_int_equal(coincell("validate --json --max-instructions 100000 some.csv"), 4);
    json_t *root = parsed();
    assert_float_equal(predicted(root, 0), 32, 0);
    assert_float_equal(predicted(root, 4), 32, 0);
    json_t *failed = json_array_get(at(root, "rows"), 1);
    assert_true(json_is_null(json_object_get(failed, "predicted_cycles")));
    assert_non_null(strstr(text_at(failed, "failure"), "0x40021000"));
    assert_float_equal(number_at(root, "all.ran"), 2, 0);
    assert_float_equal(number_at(root, "all.failed"), 5, 0);
    json_decref(root);
    write_csv("all.csv", HEADER "board.elf,ideal-m4.yaml,hang,,,9,,,\n");
    assert_int_equal(coincell("validate --json --max-instructions 1000 all.csv"), 4);
    root = parsed();
    assert_true(json_is_null(at(root, "all.mean_percent")));
    json_decref(root);
}

static void test_refused_rows(void **unused)
{
    (void)unused;
    assert_refused("board.elf,ideal-m4.yaml,count,,,x,,,", "bad.csv:2:measured_cycles:");
    assert_refused("board.elf,ideal-m4.yaml,count,,,0,,,", "bad.csv:2:measured_cycles:");
    assert_refused("board.elf,ideal-m4.yaml,count,,,nan,,,", "bad.csv:2:measured_cycles:");
    assert_refused("board.elf,ideal-m4.yaml,count,,,9,,0,", "bad.csv:2:calls:");
    assert_refused("board.elf,ideal-m4.yaml,count,,,9,,1.5,", "bad.csv:2:calls:");
    assert_refused("board.elf,ideal-m4.yaml,count,,,9,,-1,", "bad.csv:2:calls:");
    assert_refused("board.elf,ideal-m4.yaml,count,,,9,1 2 3 4 5,,", "bad.csv:2:args:");
    assert_refused("board.elf,ideal-m4.yaml,count,,,9,0x1g,,", "bad.csv:2:args:");
    assert_refused("board.elf,ideal-m4.yaml,count,,,9,99999999999,,", "bad.csv:2:args:");
    assert_refused("board.elf,ideal-m4.yaml,count,,,9,cuont,,", "bad.csv:2:args:");
    assert_refused("board.elf,ideal-m4.yaml,,,,9,,,", "bad.csv:2:entry:");
    assert_refused("board.elf,ideal-m4.yaml,count,first,,9,,,", "bad.csv:2:entry:");
    assert_refused("board.elf,ideal-m4.yaml,,first,,9,,,", "bad.csv:2:stop:");
    assert_refused("board.elf,ideal-m4.yaml,,,first,9,,,", "bad.csv:2:start:");
    assert_refused("board.elf,ideal-m4.yaml,,first,first,9,,,", "bad.csv:2:stop:");
    assert_refused("board.elf,ideal-m4.yaml,,first,second,9,1,,", "bad.csv:2:args:");
    assert_refused("board.elf,ideal-m4.yaml,,first,second,9,,2,", "bad.csv:2:calls:");
    assert_refused("board.elf,ideal-m4.yaml,cuont,,,9,,,", "bad.csv:2:entry:");
    assert_refused("board.elf,ideal-m4.yaml,cuont,,,9,,,", "no symbol cuont; did you mean count?");
    assert_refused("board.elf,ideal-m4.yaml,Zpq_8x7y,,,9,,,", "left it out");
    assert_refused("board.elf,ideal-m4.yaml,1234,,,9,,,", "bad.csv:2:entry:");
    assert_refused("board.elf,ideal-m4.yaml,0x70000000,,,9,,,", "bad.csv:2:entry:");
    assert_refused("board.bin,ideal-m4.yaml,count,,,9,,,", "bad.csv:2:entry:");
    assert_refused("absent.elf,ideal-m4.yaml,count,,,9,,,", "bad.csv:2:firmware:");
    assert_refused("ideal-m4.yaml,ideal-m4.yaml,count,,,9,,,", "bad.csv:2:firmware:");
    assert_refused(",ideal-m4.yaml,count,,,9,,,", "bad.csv:2:firmware:");
    assert_refused("board.elf,stm32l4r6,count,,,9,,,", "bad.csv:2:chip:");
    assert_refused("board.elf,ideal-m4.yaml@500,count,,,9,,,", "bad.csv:2:chip:");
    assert_refused("board.elf,,count,,,9,,,", "bad.csv:2:chip:");
    assert_refused("board.elf,ideal-m4.yaml,count,,,9,,", "bad.csv:2:8:");
    assert_refused("board.elf,\"ideal-m4.yaml,count,,,9,,,", "bad.csv:2:");
    assert_refused("board.elf,\"ideal-m4.yaml\"x,count,,,9,,,", "bad.csv:2:26");
    assert_refused("board.elf,m4\".yaml,count,,,9,,,", "bad.csv:2:13");
    /* all rows are checked before the first one runs */
    assert_refused("board.elf,ideal-m4.yaml,hang,,,9,,,\nboard.elf,ideal-m4.yaml,cuont,,,9,,,",
                   "bad.csv:3:entry:");
}

static void test_refused_files(void **unused)
{
    (void)unused;
    assert_fails("validate", 2, "FILE is missing");
    assert_fails("validate a b", 2, "one FILE");
    assert_fails("validate --max-instructions 0 a", 2, "--max-instructions");
    assert_fails("validate absent.csv", 3, "absent.csv");
    assert_fails("validate board.elf", 3, "not a text file");
    write_csv("head.csv", "firmware,chip,entry,measured_cycle\n");
    assert_fails("validate head.csv", 3,
                 "head.csv:1:measured_cycle: unknown column; did you mean measured_cycles");
    write_csv("head.csv", "firmware,chip,entry,chip,measured_cycles\n");
    assert_fails("validate head.csv", 3, "head.csv:1:chip: the column stands there twice");
    write_csv("head.csv", "firmware,entry,measured_cycles\n");
    assert_fails("validate head.csv", 3, "head.csv:1:chip: the header lacks");
    write_csv("head.csv", "firmware,chip,start,measured_cycles\n");
    assert_fails("validate head.csv", 3, "head.csv:1:entry: the header lacks");
    write_csv("head.csv", HEADER "# nothing\n\n");
    assert_fails("validate head.csv", 3, "no measurement");
    write_csv("head.csv", "");
    assert_fails("validate head.csv", 3, "no measurement");
}

/* Paths are relative to the measurements file. */
static void test_folders(void **unused)
{
    (void)unused;
    assert_int_equal(shell("mkdir -p sub/deeper && cp ideal-m4.yaml sub && mv board.bin sub/deeper "
                           "&& cp board.elf sub"),
                     0);
    write_csv("sub/m.csv", HEADER "board.elf,stm32l4r5@20,count,,,32,,,\n"
                                  "board.elf,ideal-m4.yaml@50,count,,,32,,,\n"
                                  "deeper/board.bin,stm32l4r5@20,,0x08000040,0x08000046,3,,,\n");
    assert_ok("validate sub/m.csv");
    assert_int_equal(shell("mv sub/deeper/board.bin ."), 0);
}

/* What firmware programs is charged, whatever clock the line asks for, and the report says so. */
static void test_programmed_clock(void **unused)
{
    (void)unused;
    write_csv("clock.csv",
              HEADER "" REGISTERS_DIR "/programmed.elf,stm32l4r5@20,,straight,mark,2000,,,\n"
                     "" REGISTERS_DIR "/programmed.elf,stm32l4r5@20,straight,,,2000,7,,\n"
                     "" REGISTERS_DIR "/programmed.elf,stm32l4r5@20,,straight,mark,2000,,,\n"
                     "" REGISTERS_DIR "/programmed.elf,stm32l4r5@80,,straight,mark,2000,,,\n"
                     "" REGISTERS_DIR "/programmed.elf,stm32l4r5@20,straight,,,2000,7,,\n"
                     "" REGISTERS_DIR "/programmed.elf,stm32l4r5@20,,straight,mark,2000,,,\n");
    assert_ok("validate --json clock.csv");
    json_t *root = parsed();
    json_t *programmed = json_array_get(at(root, "rows"), 0);
    json_t *called = json_array_get(at(root, "rows"), 1);
    assert_float_equal(number_at(programmed, "clock_hz"), 120e6, 0);
    assert_non_null(strstr(text_at(programmed, "timing"), "5 flash wait states"));
    assert_non_null(strstr(text_at(programmed, "timing"), "as programmed: wait states"));
    assert_float_equal(number_at(called, "clock_hz"), 20e6, 0);
    assert_null(strstr(text_at(called, "timing"), "programmed"));
    json_decref(root);
    assert_ok("validate clock.csv");
    assert_non_null(strstr(out, "\nline 2    5 flash wait states"));
    assert_non_null(strstr(out, "as programmed"));
    assert_non_null(strstr(out, "(lines 2, 4-5, 7)\n"));
    assert_null(strstr(out, "line 3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),      cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_text),         cmocka_unit_test(test_explain),
        cmocka_unit_test(test_slept),        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_refused_rows), cmocka_unit_test(test_refused_files),
        cmocka_unit_test(test_folders),      cmocka_unit_test(test_programmed_clock),
    };
    return cmocka_run_group_tests(tests, set_up, cli_tear_down);
}
