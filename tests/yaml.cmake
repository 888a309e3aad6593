# Units, sources and refusals of the data files.
cc_test(test_yaml_units SOURCES test_yaml_units.c yaml_units.c LIBS cc_base PkgConfig::YAML)
cc_test(test_yaml_refusals SOURCES test_yaml_refusals.c yaml_edits.c
        LIBS cc_energy cc_sim cc_models PkgConfig::YAML TIMEOUT 300)
