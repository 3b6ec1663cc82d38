lookout_test(test_grpc LABEL net SOURCES net/grpc_test.cc net/grpc_failure_test.cc LIBRARIES lookout_test_probe)
