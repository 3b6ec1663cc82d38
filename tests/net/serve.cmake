lookout_test(test_serve LABEL net
  SOURCES net/serve_client.cc net/tls_client.cc net/serve_fixture.cc net/serve_probe_test.cc net/serve_routes_test.cc
    net/serve_pages_test.cc net/serve_logs_test.cc net/serve_stream_test.cc net/serve_hostile_test.cc net/serve_lifetime_test.cc
    net/serve_web_test.cc net/serve_incidents_test.cc net/serve_past_test.cc net/serve_programs_test.cc net/serve_drills_test.cc
  LIBRARIES lookout_serve lookout_test_support)
lookout_test(test_handler LABEL net
  SOURCES net/serve_client.cc net/serve_fixture.cc net/serve_handler_test.cc
  LIBRARIES lookout_serve lookout_test_probe)
