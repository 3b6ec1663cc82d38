lookout_test(test_judging LABEL unit LIBRARIES lookout_incident SOURCES
  unit/flapping_test.cc unit/maintenance_test.cc unit/quorum_test.cc)
