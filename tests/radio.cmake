cc_test(test_radio SOURCES test_radio.c radio_support.c energy_support.c LIBS cc_energy)
cc_test(test_radio_files SOURCES test_radio_files.c radio_support.c energy_support.c LIBS cc_energy
        TIMEOUT 300)
cc_test(test_sensor SOURCES test_sensor.c radio_support.c energy_support.c LIBS cc_energy
        TIMEOUT 300)
