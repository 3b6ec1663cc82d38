lookout_test(test_external_url ASIO SOURCES unit/external_url_test.cc LIBRARIES lookout_exporter LABEL unit)
