lookout_test(test_match LABEL unit LIBRARIES lookout_match SOURCES unit/match/regex_test.cc)
