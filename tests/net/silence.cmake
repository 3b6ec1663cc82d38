lookout_test(test_silence LABEL net SOURCES net/silence_test.cc LIBRARIES lookout_test_probe)
