# Micro-tests: assembly files with the cycles of every sequence beside it, one ELF file each.
find_program(ARM_GCC arm-none-eabi-gcc)
if(NOT CC_FIRMWARE OR NOT ARM_GCC)
  return()
endif()
set(MICRO ${CMAKE_CURRENT_SOURCE_DIR}/micro)
set(MICRO_FLAGS_cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard)
set(MICRO_FLAGS_cortex-m7 -mfpu=fpv5-sp-d16 -mfloat-abi=hard)
set(MICRO_FLAGS_cortex-m33 -mfpu=fpv5-sp-d16 -mfloat-abi=hard)
set(MICRO_SOURCES
  cortex-m0/core.s
  cortex-m0plus/core.s
  cortex-m0plus/flash.s
  cortex-m3/core.s
  cortex-m3/isolated.s
  cortex-m3/operands.s
  cortex-m3/ram.s
  cortex-m33/core.s
  cortex-m33/flash.s
  cortex-m33/operands.s
  cortex-m33/ram.s
  cortex-m4/ccm.s
  cortex-m4/core.s
  cortex-m4/dsp.s
  cortex-m4/flash.s
  cortex-m4/float.s
  cortex-m4/isolated.s
  cortex-m4/operands.s
  cortex-m4/ram.s
  cortex-m7/core.s
  cortex-m7/flash.s
  cortex-m7/h7.s
  cortex-m7/operands.s)
foreach(source IN LISTS MICRO_SOURCES)
  get_filename_component(core ${source} DIRECTORY)
  get_filename_component(name ${source} NAME_WE)
  set(elf ${CMAKE_CURRENT_BINARY_DIR}/micro/${core}-${name}.elf)
  add_custom_command(
    OUTPUT ${elf}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/micro
    COMMAND ${ARM_GCC} -mcpu=${core} -mthumb ${MICRO_FLAGS_${core}} -nostdlib -nostartfiles -static
            -Wa,-I,${MICRO} -Wl,-Ttext=0x08000000 -Wl,-Tdata=0x20000000 -Wl,-e,micro_fill
            -Wl,--no-warn-rwx-segments ${MICRO}/${source} -o ${elf}
    DEPENDS ${MICRO}/${source} ${MICRO}/micro.inc
    COMMENT "Micro-test ${source}"
    VERBATIM)
  list(APPEND MICRO_ELFS ${elf})
endforeach()
add_custom_target(micro DEPENDS ${MICRO_ELFS})
cc_test(test_micro SOURCES test_micro.c LIBS cc_sim)
target_compile_definitions(test_micro PRIVATE MICRO_ELF_DIR="${CMAKE_CURRENT_BINARY_DIR}/micro")
add_dependencies(test_micro micro)
