lookout_test(test_grpc_pure LABEL unit SOURCES unit/grpc_health_test.cc unit/grpc_status_test.cc LIBRARIES lookout_grpc)
