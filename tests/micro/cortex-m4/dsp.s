@ Cortex-M4: DSP instructions at zero wait states.
@ chip ideal-m4.yaml
.include "micro.inc"

@ Cortex-M4: DSP instructions, DDI 0439D table 3-2.
alone smlad, "smlad r0, r1, r2, r0"                          @ expect 1 (DDI 0439D table 3-2)
alone smlald, "smlald r0, r1, r2, r3"                        @ expect 1 (DDI 0439D table 3-2)
alone smuad, "smuad r0, r1, r2"                              @ expect 1 (DDI 0439D table 3-2)
alone smlabb, "smlabb r0, r1, r2, r3"                        @ expect 1 (DDI 0439D table 3-2)
alone smmul, "smmul r0, r1, r2"                              @ expect 1 (DDI 0439D table 3-2)
alone umaal, "umaal r0, r1, r2, r3"                          @ expect 1 (DDI 0439D table 3-2)
alone sadd8, "sadd8 r0, r1, r2"                              @ expect 1 (DDI 0439D table 3-2)
alone qadd16, "qadd16 r0, r1, r2"                            @ expect 1 (DDI 0439D table 3-2)
alone pkhbt, "pkhbt r0, r1, r2, lsl #16"                     @ expect 1 (DDI 0439D table 3-2)
alone sxtb16, "sxtb16 r0, r1, ror #8"                        @ expect 1 (DDI 0439D table 3-2)
alone sxtab16, "sxtab16 r0, r1, r2"                          @ expect 1 (DDI 0439D table 3-2)
alone sel, "sel r0, r1, r2"                                  @ expect 1 (DDI 0439D table 3-2)
alone usad8, "usad8 r0, r1, r2"                              @ expect 1 (DDI 0439D table 3-2)
alone usada8, "usada8 r0, r1, r2, r3"                        @ expect 1 (DDI 0439D table 3-2)
alone smlad3_add, "smlad r0, r1, r2, r0; smlad r0, r3, r4, r0; smlad r0, r5, r6, r0; add r0, r0, r1" @ expect 4 (DDI 0439D table 3-2)
