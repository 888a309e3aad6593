cc_test(test_sim_machine SOURCES test_sim_machine.c LIBS cc_sim)
cc_test(test_memory_path SOURCES test_memory_path.c LIBS cc_sim)
target_include_directories(test_memory_path PRIVATE ${PROJECT_SOURCE_DIR}/sim/memory)
