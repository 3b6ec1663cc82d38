lookout_test(test_serve_parts LABEL unit
  SOURCES unit/serve_query_test.cc unit/serve_request_test.cc unit/serve_response_test.cc unit/serve_timeout_test.cc
    unit/serve_history_test.cc unit/serve_web_test.cc
  LIBRARIES lookout_serve)
