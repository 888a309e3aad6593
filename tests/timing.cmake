cc_test(test_decode SOURCES test_decode.c LIBS cc_decode)
cc_test(test_timing SOURCES test_timing.c timing_walker.c LIBS cc_timing cc_decode)
cc_test(test_timing_states SOURCES test_timing_states.c timing_walker.c LIBS cc_timing cc_decode)
