lookout_test(test_exposition LABEL unit
  SOURCES unit/exposition_format_test.cc unit/exposition_golden_test.cc unit/exposition_probe_test.cc unit/exposition_scrape_test.cc
  LIBRARIES lookout_metrics)
target_compile_definitions(test_exposition PRIVATE LOOKOUT_GOLDEN="${CMAKE_CURRENT_SOURCE_DIR}/unit/golden")

# What Prometheus' own linter says of the pages that the tests above hold the writer to. It reads the text format only.
foreach(page scrape probe)
  add_test(NAME lint.promtool_check_metrics.${page}
    COMMAND sh -c "PATH=\"\${LOOKOUT_PEERS:-${PROJECT_SOURCE_DIR}/build/peers}/bin:\$PATH\"; promtool check metrics < '${CMAKE_CURRENT_SOURCE_DIR}/unit/golden/${page}.prom'")
  set_tests_properties(lint.promtool_check_metrics.${page} PROPERTIES LABELS lint)
endforeach()
