# The dsp kernels against the reference kernels, both compiled for the host.
cc_test(test_kernels_dsp SOURCES test_kernels_dsp.c kernels_oracle.c LIBS kernels_native)
