lookout_test(test_pipeline LABEL unit
  SOURCES unit/pipeline_test.cc unit/pipeline_holds_test.cc "${PROJECT_SOURCE_DIR}/exporter/pipeline.cc" LIBRARIES lookout_metrics lookout_recovery)
