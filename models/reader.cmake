# The .tflite reader, the checks every reader shares, the arena planner.
target_sources(cc_models PRIVATE
  flatbuffer.c
  models_check.c
  models_check_ops.c
  models_ops.c
  models_place.c
  models_plan.c
  tflite_names.c
  tflite_ops.c
  tflite_options.c
  tflite_read.c
  tflite_survey.c
  tflite_tensors.c
)
