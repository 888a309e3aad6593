# Firmware that is run whole and in pieces, one ELF file per architecture and memory map, and the
# tests of exactness.
find_program(ARM_GCC arm-none-eabi-gcc)
if(NOT CC_FIRMWARE OR NOT ARM_GCC)
  return()
endif()
set(CUTS ${CMAKE_CURRENT_SOURCE_DIR}/cuts)
set(CUTS_OUT ${CMAKE_CURRENT_BINARY_DIR}/cuts)
set(CUTS_FLAGS_v6m -mcpu=cortex-m0)
set(CUTS_FLAGS_v7m -mcpu=cortex-m3)
set(CUTS_FLAGS_dwt -mcpu=cortex-m3)
set(CUTS_FLAGS_fp -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard)
# Architecture and the origins of flash and RAM, the last four digits of which are zero.
foreach(map v6m-0800-2000 v6m-0000-2000 v6m-1000-2000 v7m-0800-2000 fp-0800-2000 fp-0000-2000
            fp-1000-2000 fp-0800-2400 fp-0000-1000 dwt-0800-2000 dwt-0000-2000 dwt-1000-2000
            dwt-0000-1000)
  string(REGEX MATCH "^([a-z0-9]+)-(....)-(....)$" matched ${map})
  set(name ${CMAKE_MATCH_1})
  set(flash 0x${CMAKE_MATCH_2})
  set(ram 0x${CMAKE_MATCH_3})
  set(elf ${CUTS_OUT}/${map}.elf)
  add_custom_command(
    OUTPUT ${elf}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CUTS_OUT}
    COMMAND ${ARM_GCC} ${CUTS_FLAGS_${name}} -mthumb -nostdlib -nostartfiles -static
            -Wa,-I,${CUTS} -Wl,--section-start=.vectors=${flash}0000 -Wl,-Ttext=${flash}0040
            -Wl,-Tdata=${ram}0000 -Wl,--section-start=.edge=${ram}3000 -Wl,-e,vectors
            -Wl,--no-warn-rwx-segments -Wl,--build-id=none ${CUTS}/${name}.s -o ${elf}
    DEPENDS ${CUTS}/${name}.s ${CUTS}/common.inc ${CUTS}/v7m.inc
    COMMENT "Firmware run in pieces ${map}"
    VERBATIM)
  list(APPEND CUTS_ELFS ${elf})
endforeach()
add_custom_target(cuts DEPENDS ${CUTS_ELFS})
cc_test(test_cuts SOURCES test_cuts.c exact_chips.c LIBS cc_run TIMEOUT 600)
target_compile_definitions(test_cuts PRIVATE CUTS_ELF_DIR="${CUTS_OUT}")
add_dependencies(test_cuts cuts)
cc_test(test_cyccnt SOURCES test_cyccnt.c LIBS cc_sim)
target_compile_definitions(test_cyccnt PRIVATE CUTS_ELF_DIR="${CUTS_OUT}")
add_dependencies(test_cyccnt cuts)
cc_test(test_golden_exact SOURCES test_golden_exact.c exact_chips.c LIBS cc_run TIMEOUT 600)
if(CC_SANITIZE)
  # The walk is several times slower there; the plain build runs all models.
  set_tests_properties(test_cuts PROPERTIES ENVIRONMENT CUTS_RUNS=1)
  set_tests_properties(test_golden_exact PROPERTIES ENVIRONMENT EXACT_LIMIT=25000)
endif()
