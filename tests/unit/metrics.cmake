lookout_test(test_metrics LABEL unit
  SOURCES unit/metrics_catalogue_test.cc unit/metrics_process_test.cc unit/metrics_self_test.cc
  LIBRARIES lookout_metrics)
