lookout_test(test_icmp LABEL net SOURCES net/icmp_test.cc net/icmp_series_test.cc net/icmp_permission_test.cc net/icmp_peer.cc net/network_namespace.cc
  LIBRARIES lookout_icmp)
