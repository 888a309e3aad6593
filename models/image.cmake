# Program image writer.
target_sources(cc_models PRIVATE models_image.c models_image_requant.c models_image_reference.c
                                 models_image_scalar.c models_image_dsp.c)
target_include_directories(cc_models PUBLIC firmware firmware/kernels)
