# The runner for every core, memory map and kernel variant: objects once per core, one link per map
# and variant. To support a chip with another memory map, add it to the FIRMWARE_MAPS of its core.
find_program(ARM_GCC arm-none-eabi-gcc)
if(NOT ARM_GCC)
  message(FATAL_ERROR "arm-none-eabi-gcc not found: install gcc-arm-none-eabi, or configure with "
                      "-DCC_FIRMWARE=OFF to build without the runner")
endif()

set(FW ${CMAKE_CURRENT_SOURCE_DIR}/firmware)
set(FW_OUT ${CMAKE_BINARY_DIR}/models/firmware)
include(${FW}/kernels/scalar/scalar.cmake)
include(${FW}/kernels/dsp/dsp.cmake)
include(${FW}/workloads/workloads.cmake)

# Core, then its memory maps: FLASH-RAM origins.
set(FIRMWARE_CORES cortex-m0plus cortex-m3 cortex-m4 cortex-m7 cortex-m33)
set(FIRMWARE_MAPS_cortex-m0plus 08000000-20000000 10000100-20000000 00000000-20000000)
set(FIRMWARE_MAPS_cortex-m3 08000000-20000000)
set(FIRMWARE_MAPS_cortex-m4 08000000-20000000 00000000-20000000 0000c000-10000000
                           00018000-10000000)
set(FIRMWARE_MAPS_cortex-m7 08000000-20000000 08000000-24000000)
set(FIRMWARE_MAPS_cortex-m33 08000000-20000000 00000000-20000000 10000000-20000000)

set(FIRMWARE_FLAGS_cortex-m0plus -mcpu=cortex-m0plus -DRUNNER_MARKER_IN_RAM)
set(FIRMWARE_FLAGS_cortex-m3 -mcpu=cortex-m3)
set(FIRMWARE_FLAGS_cortex-m4 -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard)
set(FIRMWARE_FLAGS_cortex-m7 -mcpu=cortex-m7 -mfpu=fpv5-sp-d16 -mfloat-abi=hard)
set(FIRMWARE_FLAGS_cortex-m33 -mcpu=cortex-m33 -mfpu=fpv5-sp-d16 -mfloat-abi=hard)

set(FIRMWARE_VARIANTS_cortex-m0plus reference scalar)
set(FIRMWARE_VARIANTS_cortex-m3 reference scalar)
set(FIRMWARE_VARIANTS_cortex-m4 reference dsp)
set(FIRMWARE_VARIANTS_cortex-m7 reference dsp)
set(FIRMWARE_VARIANTS_cortex-m33 reference dsp)

# The same optimisation for all variants, so that they can be compared. -fwrapv: sums wrap as the
# hardware's do. Kernels must not turn loops into calls of memcpy and memset. Sums of products
# stay in the order written: regrouping needs more registers than v6-M has.
set(FIRMWARE_CFLAGS
    -mthumb -std=c17 -O3 -g -ffreestanding -fwrapv -fno-strict-aliasing -ffunction-sections
    -fno-tree-loop-distribute-patterns -fno-tree-reassoc -fno-common -fstack-usage
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-align -Wundef -Wvla -Werror
    -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=
    -I${FW} -I${FW}/kernels -I${FW}/kernels/reference)

# Sources relative to firmware/. A variant links the reference kernels it falls back on; of the
# files called kernels.c (the table) each variant takes its own.
set(REFERENCE_SOURCES add.c average_pool.c conv.c depthwise_conv.c fully_connected.c reshape.c
                      softmax.c)
list(TRANSFORM REFERENCE_SOURCES PREPEND kernels/reference/)
set(SCALAR_SOURCES ${SCALAR_KERNELS})
list(TRANSFORM SCALAR_SOURCES PREPEND kernels/scalar/)
set(DSP_SOURCES ${DSP_KERNELS})
list(TRANSFORM DSP_SOURCES PREPEND kernels/dsp/)

set(FIRMWARE_COMMON startup.c support.c runner_walk.c ${REFERENCE_SOURCES})
set(FIRMWARE_SOURCES_reference kernels/reference/kernels.c)
set(FIRMWARE_SOURCES_scalar ${SCALAR_SOURCES})
set(FIRMWARE_SOURCES_dsp ${DSP_SOURCES})

# firmware_object(CORE SOURCE SUFFIX OUT FLAGS...): one object file; its path goes to OUT.
function(firmware_object core source suffix out)
  string(REPLACE "/" "_" name ${source})
  set(object ${FW_OUT}/${core}/${name}${suffix}.o)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${FW_OUT}/${core}
    COMMAND ${ARM_GCC} ${FIRMWARE_FLAGS_${core}} ${FIRMWARE_CFLAGS} ${ARGN} -MD -MF ${object}.d
            -c ${FW}/${source} -o ${object}
    DEPENDS ${FW}/${source}
    DEPFILE ${object}.d
    COMMENT "Firmware ${core} ${source}"
    VERBATIM)
  set(${out} ${object} PARENT_SCOPE)
endfunction()

# firmware_runner(CORE MAP VARIANT OBJECTS...): links one runner.
function(firmware_runner core map variant)
  string(REGEX MATCH "^([0-9a-f]+)-([0-9a-f]+)$" _ ${map})
  set(elf ${FW_OUT}/runner-${core}-${map}-${variant}.elf)
  add_custom_command(
    OUTPUT ${elf}
    COMMAND ${ARM_GCC} ${FIRMWARE_FLAGS_${core}} -mthumb -nostdlib -nostartfiles -static
            -Wl,--defsym,FLASH_ORIGIN=0x${CMAKE_MATCH_1} -Wl,--defsym,RAM_ORIGIN=0x${CMAKE_MATCH_2}
            -Wl,--gc-sections -Wl,--fatal-warnings -Wl,--no-warn-rwx-segments -T ${FW}/runner.ld
            ${ARGN} -lgcc -o ${elf}
    DEPENDS ${ARGN} ${FW}/runner.ld
    COMMENT "Firmware runner-${core}-${map}-${variant}.elf"
    VERBATIM)
  set_property(GLOBAL APPEND PROPERTY FIRMWARE_ELFS ${elf})
endfunction()

function(firmware_core core)
  set(common)
  foreach(source IN LISTS FIRMWARE_COMMON)
    firmware_object(${core} ${source} "" object)
    list(APPEND common ${object})
  endforeach()
  set(number_reference 0)
  set(number_dsp 1)
  set(number_scalar 2)
  foreach(variant IN LISTS FIRMWARE_VARIANTS_${core})
    firmware_object(${core} runner.c -${variant} object -DRUNNER_VARIANT=${number_${variant}})
    set(objects ${common} ${object})
    foreach(source IN LISTS FIRMWARE_SOURCES_${variant})
      firmware_object(${core} ${source} "" object)
      list(APPEND objects ${object})
    endforeach()
    foreach(map IN LISTS FIRMWARE_MAPS_${core})
      firmware_runner(${core} ${map} ${variant} ${objects})
    endforeach()
  endforeach()
endfunction()

foreach(core IN LISTS FIRMWARE_CORES)
  firmware_core(${core})
  firmware_workloads(${core} calibration)
  firmware_workloads(${core} front)
endforeach()
get_property(FIRMWARE_ELFS GLOBAL PROPERTY FIRMWARE_ELFS)
add_custom_target(firmware ALL DEPENDS ${FIRMWARE_ELFS})
install(FILES ${FIRMWARE_ELFS} DESTINATION ${CMAKE_INSTALL_DATADIR}/coincell/models/firmware)
