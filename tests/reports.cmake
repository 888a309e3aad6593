add_library(report_sample STATIC report_sample.c)
target_include_directories(report_sample PUBLIC .)
target_link_libraries(report_sample PUBLIC cc_reports)

cc_test(test_report_text SOURCES test_report_text.c LIBS report_sample)
cc_test(test_report_json SOURCES test_report_json.c LIBS report_sample PkgConfig::JANSSON)
cc_test(test_report_explain SOURCES test_report_explain.c LIBS report_sample PkgConfig::JANSSON)
cc_test(test_store SOURCES test_store.c store_harness.c LIBS report_sample PkgConfig::SQLITE)
cc_test(test_store_safety SOURCES test_store_safety.c store_harness.c
        LIBS report_sample PkgConfig::SQLITE)
