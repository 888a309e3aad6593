cc_test(test_shipped SOURCES test_shipped.c cli_harness.c LIBS cc_base PkgConfig::JANSSON
        PkgConfig::SQLITE TIMEOUT 300)
target_compile_definitions(test_shipped PRIVATE CC_BINARY="$<TARGET_FILE:coincell>")
add_dependencies(test_shipped coincell)
