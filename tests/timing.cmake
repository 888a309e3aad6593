cc_test(test_decode SOURCES test_decode.c LIBS cc_decode)
