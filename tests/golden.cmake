cc_test(test_golden_emulated SOURCES test_golden_emulated.c LIBS cc_run TIMEOUT 900)
if(CC_SANITIZE)
  # The hooks are several times slower there; the plain build runs all cases.
  set_tests_properties(test_golden_emulated PROPERTIES ENVIRONMENT GOLDEN_CASES=1)
endif()
cc_test(test_mutated_runs SOURCES test_mutated_runs.c LIBS cc_run TIMEOUT 600)
cc_test(test_zoo_counts SOURCES test_zoo_counts.c LIBS cc_run TIMEOUT 300)
cc_test(test_all_chips SOURCES test_all_chips.c LIBS cc_run TIMEOUT 300)
cc_test(test_random_emulated SOURCES test_random_emulated.c random_network.c random_values.c
        kernels_oracle.c LIBS cc_run TIMEOUT 300)
add_test(NAME readme COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/readme.sh $<TARGET_FILE:coincell>)
