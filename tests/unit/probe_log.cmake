lookout_test(test_probe_log LABEL unit SOURCES unit/probe_log_test.cc LIBRARIES lookout_exporter)
