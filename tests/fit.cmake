# Calibration: the fit on made-up chips, and the shipped prices against their measurements.
cc_test(test_fit SOURCES test_fit.c fit_support.c LIBS cc_energy)
if(TARGET firmware)
  cc_test(test_fit_chips SOURCES test_fit_chips.c LIBS cc_run TIMEOUT 900)
  cc_test(test_cli_calibrate SOURCES test_cli_calibrate.c cli_harness.c
          LIBS cc_base PkgConfig::JANSSON PkgConfig::SQLITE)
  target_compile_definitions(test_cli_calibrate PRIVATE CC_BINARY="$<TARGET_FILE:coincell>")
  add_dependencies(test_cli_calibrate coincell)
  add_dependencies(test_fit_chips firmware)
  if(CC_SANITIZE)
    target_compile_definitions(test_fit_chips PRIVATE FIT_TEST_FEW)
  endif()
endif()
