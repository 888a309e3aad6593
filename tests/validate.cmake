# Firmware and end-to-end tests of coincell validate.
find_program(ARM_GCC arm-none-eabi-gcc)
find_program(ARM_OBJCOPY arm-none-eabi-objcopy)
if(NOT TARGET coincell OR NOT CC_FIRMWARE OR NOT ARM_GCC OR NOT ARM_OBJCOPY)
  return()
endif()
set(BOARD ${CMAKE_CURRENT_SOURCE_DIR}/validate)
set(BOARD_OUT ${CMAKE_CURRENT_BINARY_DIR}/validate)
add_custom_command(
  OUTPUT ${BOARD_OUT}/board.elf ${BOARD_OUT}/board.bin
  COMMAND ${CMAKE_COMMAND} -E make_directory ${BOARD_OUT}
  COMMAND ${ARM_GCC} -mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard -nostdlib
          -nostartfiles -static -Wl,--no-warn-rwx-segments -T ${BOARD}/board.ld ${BOARD}/board.s
          -o ${BOARD_OUT}/board.elf
  COMMAND ${ARM_OBJCOPY} -O binary ${BOARD_OUT}/board.elf ${BOARD_OUT}/board.bin
  DEPENDS ${BOARD}/board.s ${BOARD}/board.ld
  COMMENT "Firmware for the tests of validate"
  VERBATIM)
add_custom_target(board DEPENDS ${BOARD_OUT}/board.elf)
cc_test(test_validate SOURCES test_validate.c cli_harness.c
        LIBS cc_base PkgConfig::JANSSON PkgConfig::SQLITE)
target_compile_definitions(test_validate PRIVATE CC_BINARY="$<TARGET_FILE:coincell>"
                                                 BOARD_DIR="${BOARD_OUT}"
                                                 REGISTERS_DIR="${REGISTERS_OUT}")
add_dependencies(test_validate coincell board registers_firmware)
