lookout_test(test_external_url SOURCES unit/external_url_test.cc LIBRARIES lookout_exporter LABEL unit)
