# The built-in workloads: position-independent programs, per core one for calibration (small: it also
# runs from 16 KB of tightly coupled memory) and one with the front ends. Objects are apart from
# those of the runner (-fPIC).
set(WORKLOADS_calibration idle.c loops.c mac.c coremark.c dhrystone.c securemark.c)
set(WORKLOADS_front audio.c image.c sensors.c signal.c signal_tables.c ulp.c)
set(WORKLOAD_FLAGS -fPIC -fvisibility=hidden -fstrict-aliasing -ftree-reassoc -I${FW}/workloads -I${FW}/kernels/dsp)

# firmware_workloads(CORE KIND): links models/firmware/workloads-CORE-KIND.elf.
function(firmware_workloads core kind)
  set(objects)
  list(TRANSFORM WORKLOADS_${kind} PREPEND workloads/ OUTPUT_VARIABLE sources)
  foreach(source IN LISTS sources ITEMS support.c)
    firmware_object(${core} ${source} -pic-${kind} object ${WORKLOAD_FLAGS})
    list(APPEND objects ${object})
  endforeach()
  set(elf ${FW_OUT}/workloads-${core}-${kind}.elf)
  add_custom_command(
    OUTPUT ${elf}
    COMMAND ${ARM_GCC} ${FIRMWARE_FLAGS_${core}} -mthumb -nostdlib -nostartfiles -static
            -Wl,--fatal-warnings -Wl,--no-warn-rwx-segments -T ${FW}/workloads/workloads.ld
            ${objects} -lgcc -o ${elf}
    DEPENDS ${objects} ${FW}/workloads/workloads.ld
    COMMENT "Firmware workloads-${core}-${kind}.elf"
    VERBATIM)
  set_property(GLOBAL APPEND PROPERTY FIRMWARE_ELFS ${elf})
endfunction()
