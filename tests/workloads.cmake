if(TARGET firmware)
  cc_test(test_workloads SOURCES test_workloads.c workload_support.c LIBS cc_run TIMEOUT 300)
  add_dependencies(test_workloads firmware)
endif()
