# .tflite reader, network checks, arena planner.
cc_test(test_flatbuffer SOURCES test_flatbuffer.c tflite_builder.c LIBS cc_models)
cc_test(test_tflite SOURCES test_tflite.c tflite_builder.c models_files.c LIBS cc_models)
cc_test(test_tflite_golden SOURCES test_tflite_golden.c models_files.c LIBS cc_models)
cc_test(test_tflite_unsupported SOURCES test_tflite_unsupported.c tflite_builder.c models_files.c
        LIBS cc_models)
cc_test(test_plan SOURCES test_plan.c models_files.c LIBS cc_models)
cc_test(test_tflite_mutations SOURCES test_tflite_mutations.c tflite_builder.c models_files.c
        LIBS cc_models)

if(CC_FUZZ)
  add_executable(fuzz_tflite fuzz_tflite.c)
  target_link_libraries(fuzz_tflite PRIVATE cc_models)
  target_link_options(fuzz_tflite PRIVATE -fsanitize=fuzzer)
endif()
cc_test(test_arena SOURCES test_arena.c LIBS cc_models)
