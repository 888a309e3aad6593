# Calibration: the fit on made-up chips, and the shipped prices against their measurements.
cc_test(test_fit SOURCES test_fit.c fit_support.c LIBS cc_energy)
if(TARGET firmware)
  cc_test(test_fit_chips SOURCES test_fit_chips.c LIBS cc_run TIMEOUT 900)
  if(CC_SANITIZE)
    target_compile_definitions(test_fit_chips PRIVATE FIT_TEST_FEW)
  endif()
endif()
