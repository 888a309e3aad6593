# Kernels compiled for the host, one object library per variant (each defines its own kernel_for).
set(KERNELS ${CMAKE_CURRENT_LIST_DIR}/../models/firmware/kernels)
set(REFERENCE_KERNELS add.c average_pool.c conv.c depthwise_conv.c fully_connected.c reshape.c
                      softmax.c)
include(${KERNELS}/scalar/scalar.cmake)
include(${KERNELS}/dsp/dsp.cmake)

# native_kernels(VARIANT SOURCES...): sources relative to kernels/.
function(native_kernels variant)
  list(TRANSFORM ARGN PREPEND ${KERNELS}/)
  add_library(kernels_${variant} OBJECT ${ARGN})
  target_include_directories(kernels_${variant}
                             PRIVATE ${KERNELS} ${KERNELS}/.. ${KERNELS}/reference)
  # Sums wrap in the firmware, so they wrap here.
  target_compile_options(kernels_${variant} PRIVATE -fwrapv -O2)
  target_compile_definitions(kernels_${variant} PRIVATE kernel_for=kernel_for_${variant})
endfunction()

list(TRANSFORM REFERENCE_KERNELS PREPEND reference/)
native_kernels(reference reference/kernels.c ${REFERENCE_KERNELS} ../runner_walk.c)
list(TRANSFORM SCALAR_KERNELS PREPEND scalar/)
native_kernels(scalar ${SCALAR_KERNELS})
list(TRANSFORM DSP_KERNELS PREPEND dsp/)
native_kernels(dsp ${DSP_KERNELS})

add_library(kernels_native STATIC kernels_native.c
  $<TARGET_OBJECTS:kernels_reference> $<TARGET_OBJECTS:kernels_scalar>
  $<TARGET_OBJECTS:kernels_dsp>)
target_include_directories(kernels_native PUBLIC .)
target_link_libraries(kernels_native PUBLIC cc_models PkgConfig::CMOCKA)

cc_test(test_kernels_golden SOURCES test_kernels_golden.c LIBS kernels_native)
cc_test(test_kernels SOURCES test_kernels.c kernels_oracle.c LIBS kernels_native)
cc_test(test_random_networks SOURCES test_random_networks.c random_network.c random_values.c
        kernels_oracle.c LIBS kernels_native)
