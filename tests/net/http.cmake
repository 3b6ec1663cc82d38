lookout_test(test_http LABEL net LIBRARIES lookout_http lookout_test_net ZLIB::ZLIB SOURCES
  net/http/http_fixture.cc
  net/http/http_conformance_test.cc net/http/http_cel_conformance_test.cc
  net/http/http_failure_test.cc
  net/http/http_redirect_test.cc
  net/http/http_proxy_test.cc
  net/http/http_proxy_kinds_test.cc
  net/http/content_decoder_test.cc
  net/http/http_compression_test.cc
  net/http/http_cookies_test.cc
  net/http/http_labels_test.cc
  net/http/http_oauth2_test.cc
  net/http/http_socks_test.cc
  net/http/http_target_test.cc
  net/http/http_request_test.cc
  net/http/http_tls_test.cc
  net/http/http_two_test.cc
  net/http/http_load_test.cc
  net/http/http_local_pair_test.cc)
lookout_test(test_http_pure LABEL unit LIBRARIES lookout_http SOURCES
  unit/http/http_url_test.cc
  unit/http/http_checks_test.cc
  unit/http/http_config_test.cc unit/http/http_encoding_test.cc
  unit/http/http_client_config_test.cc
  unit/http/http_cookies_test.cc
  unit/http/oauth2_assertion_test.cc
  unit/http/http_proxy_test.cc)
