lookout_test(test_drill_look LABEL net SOURCES net/drill_look_test.cc LIBRARIES lookout_drill lookout_test_support)
