foreach(name test_cli test_cli_store test_cli_explain)
  cc_test(${name} SOURCES ${name}.c cli_harness.c LIBS cc_base PkgConfig::JANSSON PkgConfig::SQLITE
          TIMEOUT 300)
  target_compile_definitions(${name} PRIVATE CC_BINARY="$<TARGET_FILE:coincell>")
  add_dependencies(${name} coincell)
endforeach()
