# cmake --build build/release --target bench: prints the speed of full accounting against bare
# Unicorn. test_bench holds the ratio above 0.10 (not under sanitizers, which slow only our half).
add_executable(bench_accounting bench.c)
target_link_libraries(bench_accounting PRIVATE cc_run PkgConfig::UNICORN cc_timing cc_decode)
target_include_directories(bench_accounting PRIVATE ${PROJECT_SOURCE_DIR}/sim/memory ${PROJECT_SOURCE_DIR}/sim/timing)
add_custom_target(bench COMMAND bench_accounting DEPENDS bench_accounting USES_TERMINAL)
