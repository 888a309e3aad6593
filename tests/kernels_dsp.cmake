# The dsp kernels against the reference kernels, both compiled for the host.
if(NATIVE_DSP)
  cc_test(test_kernels_dsp SOURCES test_kernels_dsp.c kernels_oracle.c LIBS kernels_native)
endif()
