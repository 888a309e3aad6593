# Registers and configuration of chip files: loader and pure functions, and firmware that sets up
# its chip as the vendors' start-up code does.
cc_test(test_configuration SOURCES test_configuration.c LIBS cc_sim)
cc_test(test_caches_off SOURCES test_caches_off.c LIBS cc_sim)
target_include_directories(test_caches_off PRIVATE ${PROJECT_SOURCE_DIR}/sim/memory ${PROJECT_SOURCE_DIR}/sim/timing)
find_program(ARM_GCC arm-none-eabi-gcc)
if(NOT ARM_GCC)
  return()
endif()
set(REGISTERS ${CMAKE_CURRENT_SOURCE_DIR}/registers)
set(REGISTERS_OUT ${CMAKE_CURRENT_BINARY_DIR}/registers)
set(REGISTERS_ELF)
# registers_firmware(CHIP CORE SOURCE DEFINES...)
function(registers_firmware chip core source)
  add_custom_command(
    OUTPUT ${REGISTERS_OUT}/${chip}.elf
    COMMAND ${CMAKE_COMMAND} -E make_directory ${REGISTERS_OUT}
    COMMAND ${ARM_GCC} -mcpu=${core} -mthumb -mfloat-abi=soft -std=c17 -O1 -Wall -Wextra -Werror
            -ffreestanding -nostdlib -nostartfiles -static -Wl,--no-warn-rwx-segments ${ARGN}
            -T ${REGISTERS}/board.ld ${REGISTERS}/board.c ${REGISTERS}/${source}
            -o ${REGISTERS_OUT}/${chip}.elf
    DEPENDS ${REGISTERS}/board.c ${REGISTERS}/board.h ${REGISTERS}/board.ld ${REGISTERS}/m7.h
            ${REGISTERS}/${source}
    COMMENT "Firmware that sets up ${chip}"
    VERBATIM)
  list(APPEND REGISTERS_ELF ${REGISTERS_OUT}/${chip}.elf)
  set(REGISTERS_ELF ${REGISTERS_ELF} PARENT_SCOPE)
endfunction()
registers_firmware(stm32l4r5 cortex-m4 stm32l4.c -DPLL_N=60u -DPLL_WAIT_STATES=5)
registers_firmware(stm32l476 cortex-m4 stm32l4.c -DPLL_N=40u -DPLL_WAIT_STATES=4)
registers_firmware(stm32f407 cortex-m4 stm32f4.c -DPLL_N=336u -DPLL_WAIT_STATES=5)
registers_firmware(stm32f446 cortex-m4 stm32f4.c -DPLL_N=360u -DPLL_WAIT_STATES=5)
registers_firmware(stm32u575 cortex-m33 stm32u5.c)
registers_firmware(stm32f746 cortex-m7 stm32f7.c)
registers_firmware(stm32h7a3 cortex-m7 stm32h7.c)
registers_firmware(stm32g0b1 cortex-m0plus stm32g0.c)
registers_firmware(programmed cortex-m4 stm32l4.c -DPLL_N=60u -DPLL_WAIT_STATES=5
                   -DFIXED_VARIANT=FULL)
add_custom_target(registers_firmware DEPENDS ${REGISTERS_ELF})
cc_test(test_registers SOURCES test_registers.c LIBS cc_sim TIMEOUT 300)
target_compile_definitions(test_registers PRIVATE REGISTERS_DIR="${REGISTERS_OUT}")
add_dependencies(test_registers registers_firmware)
