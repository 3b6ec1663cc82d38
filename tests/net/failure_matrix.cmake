lookout_test(test_failure_matrix LABEL net
  SOURCES net/failure_matrix_test.cc net/failure_situations.cc net/failure_situations_of_kinds.cc net/failure_situations_of_grpc.cc
    net/failure_situations_of_messages.cc net/failure_situations_of_websocket.cc net/websocket_peer.cc net/hard_network.cc
    net/icmp_peer.cc net/network_namespace.cc
  LIBRARIES lookout_test_probe lookout_report)
