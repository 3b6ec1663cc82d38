lookout_test(test_core LABEL unit LIBRARIES lookout_core SOURCES
  unit/core/config_printer_test.cc unit/core/config_reader_test.cc unit/core/config_values_test.cc
  unit/core/numbers_test.cc unit/core/probe_test.cc unit/core/text_test.cc unit/core/yaml_test.cc)
