# Program image writer.
target_sources(cc_models PRIVATE models_image.c models_image_requant.c models_image_reference.c
                                 models_image_scalar.c)
target_include_directories(cc_models PUBLIC firmware firmware/kernels)
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/models_image_dsp.c)
  target_sources(cc_models PRIVATE models_image_dsp.c)
  target_compile_definitions(cc_models PRIVATE MODELS_HAVE_DSP)
endif()
