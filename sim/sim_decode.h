/* Decoding of Thumb code into struct sim_insn with Capstone. A basic block is decoded once, when it
 * is first executed; everything later works on the result. */
#ifndef SIM_DECODE_H
#define SIM_DECODE_H

#include "sim_chip.h"
#include "sim_insn.h"

struct sim_decoder;

/* One decoder per thread. CC_ERR_MEMORY, or CC_ERR_INTERNAL when Capstone has no Arm support. */
enum cc_status sim_decoder_new(enum sim_core core, struct sim_decoder **decoder,
                               struct cc_error *err);
void sim_decoder_free(struct sim_decoder *decoder); /* NULL is allowed */

/* Decodes `bytes` bytes of code at `address` into insns (room for max) and returns how many.
 *
 * *it_state carries an IT block over the cut between two blocks: how many of the coming
 * instructions it still covers, 0 = none, at most 4. The call updates it; it_state may be NULL.
 *
 * Never fails: what Capstone cannot decode, or the M profile does not have, becomes one instruction
 * of class SYSTEM that is 2 or 4 bytes long by the Thumb width rule; so does a 32-bit instruction
 * cut by the end of the code (2 bytes). A last odd byte is ignored. */
size_t sim_decode_block(struct sim_decoder *decoder, uint32_t address, const uint8_t *code,
                        size_t bytes, struct sim_insn *insns, size_t max, unsigned *it_state);

#endif
