/* Thumb code as text, by Capstone. */
#ifndef SIM_DISASSEMBLE_H
#define SIM_DISASSEMBLE_H

#include "sim_chip.h"

#include <stddef.h>
#include <stdint.h>

struct sim_disassembler;

enum cc_status sim_disassembler_new(enum sim_core core, struct sim_disassembler **disassembler,
                                    struct cc_error *err);
void sim_disassembler_free(struct sim_disassembler *disassembler); /* NULL is allowed */

/* Text of one instruction of 2 or 4 bytes: "ldr r0, [r1, #4]"; ".short 0x1234" or ".word 0x..."
 * when it is none. Conditions of an IT block are told when its instructions come one after the
 * other behind their IT. size >= 20. */
enum cc_status sim_disassemble(struct sim_disassembler *disassembler, uint32_t address,
                               const uint8_t *code, size_t bytes, char *text, size_t size,
                               struct cc_error *err);

/* Text of 2 or 4 bytes of data. */
void sim_disassemble_data(const uint8_t *code, size_t bytes, char *text, size_t size);

#endif
