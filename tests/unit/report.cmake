lookout_test(test_report LABEL unit LIBRARIES lookout_report SOURCES
  unit/report/advice_test.cc unit/report/fact_text_test.cc unit/report/probe_report_test.cc unit/report/probe_json_test.cc
  unit/report/terminal_text_test.cc unit/report/timeline_test.cc unit/report/incident_report_test.cc unit/report/uptime_test.cc)
target_compile_definitions(test_report PRIVATE LOOKOUT_GOLDEN="${CMAKE_CURRENT_SOURCE_DIR}/unit/report/golden")
lookout_test(test_target_form LABEL unit SOURCES unit/target_form_test.cc LIBRARIES lookout_exporter)
