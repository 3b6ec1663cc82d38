lookout_test(test_incident LABEL unit SOURCES unit/incident_test.cc LIBRARIES lookout_incident)
