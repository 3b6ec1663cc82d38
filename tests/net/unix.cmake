lookout_test(test_unix LABEL net SOURCES net/unix_test.cc LIBRARIES lookout_test_probe)
