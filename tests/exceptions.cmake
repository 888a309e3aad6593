cc_test(test_random_exceptions SOURCES test_random_exceptions.c LIBS cc_sim)

# Firmware of the other tests of exceptions, one ELF file per architecture, and these.
find_program(ARM_GCC arm-none-eabi-gcc)
if(NOT CC_FIRMWARE OR NOT ARM_GCC)
  return()
endif()
set(EXCEPTIONS ${CMAKE_CURRENT_SOURCE_DIR}/exceptions)
set(EXCEPTIONS_OUT ${CMAKE_CURRENT_BINARY_DIR}/exceptions)
set(EXCEPTIONS_FLAGS_v6m -mcpu=cortex-m0)
set(EXCEPTIONS_FLAGS_v7m -mcpu=cortex-m3)
set(EXCEPTIONS_FLAGS_fp -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard)
foreach(name v6m v7m fp)
  set(elf ${EXCEPTIONS_OUT}/${name}.elf)
  add_custom_command(
    OUTPUT ${elf}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${EXCEPTIONS_OUT}
    COMMAND ${ARM_GCC} ${EXCEPTIONS_FLAGS_${name}} -mthumb -nostdlib -nostartfiles -static
            -Wa,-I,${EXCEPTIONS} -Wl,--section-start=.vectors=0x08000000
            -Wl,-Ttext=0x08000200 -Wl,-Tdata=0x20000000 -Wl,-e,vectors
            -Wl,--no-warn-rwx-segments -Wl,--build-id=none ${EXCEPTIONS}/${name}.s -o ${elf}
    DEPENDS ${EXCEPTIONS}/${name}.s ${EXCEPTIONS}/common.inc
    COMMENT "Exception tests ${name}"
    VERBATIM)
  list(APPEND EXCEPTIONS_ELFS ${elf})
endforeach()
add_custom_target(exceptions DEPENDS ${EXCEPTIONS_ELFS})
foreach(name test_exceptions test_sleep)
  cc_test(${name} SOURCES ${name}.c exceptions_harness.c LIBS cc_sim cc_timing)
  target_compile_definitions(${name} PRIVATE EXCEPTIONS_ELF_DIR="${EXCEPTIONS_OUT}")
  add_dependencies(${name} exceptions)
endforeach()
