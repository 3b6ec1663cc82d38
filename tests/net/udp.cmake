lookout_test(test_udp LABEL net SOURCES net/udp_test.cc LIBRARIES lookout_test_probe)
