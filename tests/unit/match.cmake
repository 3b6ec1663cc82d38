lookout_test(test_match LABEL unit LIBRARIES lookout_match SOURCES
  unit/match/cel_test.cc unit/match/cel_limits_test.cc unit/match/json_body_test.cc unit/match/regex_test.cc)
