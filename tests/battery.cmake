# Battery life: unknowns, battery files, lifetimes.
cc_test(test_unknowns SOURCES test_unknowns.c LIBS cc_energy)
set(battery_support battery_support.c energy_support.c)
cc_test(test_lifetime SOURCES test_lifetime.c ${battery_support} LIBS cc_energy)
cc_test(test_lifetime_laws SOURCES test_lifetime_laws.c ${battery_support} LIBS cc_energy TIMEOUT 300)
cc_test(test_otii SOURCES test_otii.c ${battery_support} LIBS cc_energy)

# cmake --build build/release --target bench_lifetime && build/release/tests/bench_lifetime
add_executable(bench_lifetime EXCLUDE_FROM_ALL bench_lifetime.c ${battery_support})
target_link_libraries(bench_lifetime PRIVATE cc_energy PkgConfig::CMOCKA m)
target_compile_definitions(bench_lifetime PRIVATE CC_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
cc_test(test_battery_models SOURCES test_battery_models.c ${battery_support} LIBS cc_energy)
cc_test(test_battery_files SOURCES test_battery_files.c ${battery_support} LIBS cc_energy TIMEOUT 300)
