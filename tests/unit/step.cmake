lookout_test(test_step LABEL unit SOURCES unit/step_test.cc unit/step_model_test.cc LIBRARIES lookout_incident)
