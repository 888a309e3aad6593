cc_test(test_radio SOURCES test_radio.c radio_support.c energy_support.c LIBS cc_energy)
