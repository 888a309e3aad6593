# Units, sources and refusals of the data files.
cc_test(test_yaml_units SOURCES test_yaml_units.c yaml_units.c LIBS cc_base PkgConfig::YAML)
