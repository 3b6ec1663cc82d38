lookout_test(test_judging LABEL unit LIBRARIES lookout_incident SOURCES
  unit/quorum_test.cc)
