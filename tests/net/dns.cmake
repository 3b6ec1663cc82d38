lookout_test(test_dns LABEL net
  SOURCES net/dns_test.cc net/dns_conversation_test.cc net/dns_transport_test.cc net/dns_extras_test.cc net/dns_https_test.cc
    net/dns_fixture.cc net/network_namespace.cc
  LIBRARIES lookout_dns lookout_test_net)
