@ For every core.
  .include "common.inc"

.macro parts
  parts_of_all
.endm
  program parts
