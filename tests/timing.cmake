cc_test(test_decode SOURCES test_decode.c LIBS cc_decode)
cc_test(test_timing SOURCES test_timing.c LIBS cc_timing cc_decode)
