cc_test(test_zoo SOURCES test_zoo.c zoo_oracle.c LIBS cc_models)
cc_test(test_architecture SOURCES test_architecture.c zoo_oracle.c LIBS cc_models)
