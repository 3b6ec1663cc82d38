# One subject per piece of probes/net, against real sockets that misbehave; tcp through the whole of run_probe.
lookout_test(test_resolver LABEL net SOURCES net/resolver_test.cc net/resolver_file_test.cc net/network_namespace.cc
  LIBRARIES lookout_test_net)
lookout_test(test_dial LABEL net SOURCES net/dial_test.cc LIBRARIES lookout_test_net)
lookout_test(test_stream LABEL net SOURCES net/stream_test.cc LIBRARIES lookout_test_net)
lookout_test(test_tls LABEL net SOURCES net/tls_test.cc net/tls_failure_test.cc net/tls_fixture.cc net/certificate_test.cc LIBRARIES lookout_test_net)
lookout_test(test_tcp LABEL net SOURCES net/tcp_test.cc net/tcp_dialogue_test.cc net/tcp_conformance_test.cc net/tcp_socks_test.cc LIBRARIES lookout_test_probe)
lookout_test(test_network_options LABEL net SOURCES net/network_options_test.cc net/name_conformance_test.cc net/network_namespace.cc LIBRARIES lookout_test_probe)
