if(TARGET firmware)
  cc_test(test_workloads SOURCES test_workloads.c workload_support.c LIBS cc_run TIMEOUT 300)
  add_dependencies(test_workloads firmware)
  cc_test(test_cli_workloads SOURCES test_cli_workloads.c cli_harness.c
          LIBS cc_base PkgConfig::JANSSON PkgConfig::SQLITE)
  target_compile_definitions(test_cli_workloads PRIVATE CC_BINARY="$<TARGET_FILE:coincell>")
  add_dependencies(test_cli_workloads coincell)
endif()
