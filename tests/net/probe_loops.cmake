lookout_test(test_run_probe LABEL net SOURCES net/run_probe_test.cc LIBRARIES lookout_test_probe)
lookout_test(test_probe_loops LABEL net
  SOURCES net/probe_loops_test.cc "${PROJECT_SOURCE_DIR}/exporter/probe_loops.cc"
  LIBRARIES lookout_schedule lookout_metrics lookout_test_probe)
