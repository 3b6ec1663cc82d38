lookout_test(test_parameters LABEL unit SOURCES unit/parameters_test.cc LIBRARIES lookout_probes)
