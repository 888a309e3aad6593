if(TARGET coincell)
  cc_test(test_cli SOURCES test_cli.c LIBS cc_base PkgConfig::JANSSON PkgConfig::SQLITE
          TIMEOUT 300)
  target_compile_definitions(test_cli PRIVATE CC_BINARY="$<TARGET_FILE:coincell>")
  add_dependencies(test_cli coincell)
endif()
