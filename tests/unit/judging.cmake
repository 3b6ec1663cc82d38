lookout_test(test_judging LABEL unit LIBRARIES lookout_incident SOURCES
  unit/dependencies_test.cc unit/flapping_test.cc unit/isolation_test.cc unit/maintenance_test.cc unit/quorum_test.cc)
