foreach(name test_cli test_cli_store test_cli_explain test_cli_scenario test_cli_sweep
        test_cli_foreign)
  cc_test(${name} SOURCES ${name}.c cli_harness.c LIBS cc_base PkgConfig::JANSSON PkgConfig::SQLITE
          TIMEOUT 900)
  target_compile_definitions(${name} PRIVATE CC_BINARY="$<TARGET_FILE:coincell>")
  add_dependencies(${name} coincell)
endforeach()
cc_test(test_sweep SOURCES test_sweep.c ../cli/sweep.c LIBS cc_reports PkgConfig::JANSSON)
target_include_directories(test_sweep PRIVATE ${PROJECT_SOURCE_DIR}/cli)
