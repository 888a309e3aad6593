@ For M3.
  .include "common.inc"
  .include "v7m.inc"

.macro parts
  parts_of_all
  parts_of_v7m
.endm
  program parts
