# Calibration: the fit on made-up chips, and the shipped prices against their measurements.
cc_test(test_fit SOURCES test_fit.c fit_support.c LIBS cc_energy)
target_include_directories(test_fit PRIVATE ${PROJECT_SOURCE_DIR}/energy/fit)
