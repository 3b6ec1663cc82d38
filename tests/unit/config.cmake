lookout_test(test_config LABEL unit LIBRARIES lookout_config SOURCES
  unit/config/cron_test.cc unit/config/time_zone_test.cc unit/config/load_test.cc unit/config/conformance_test.cc unit/config/golden_test.cc unit/config/hostile_test.cc unit/config/judging_test.cc unit/config/shard_test.cc unit/config/target_checks_test.cc)
target_compile_definitions(test_config PRIVATE LOOKOUT_CONFIG_CASES="${CMAKE_CURRENT_SOURCE_DIR}/unit/config"
  LOOKOUT_EXAMPLES="${PROJECT_SOURCE_DIR}/deploy/examples")
# Each file of bad/ is a test; a new one is one only when the tests are listed anew, which linking does.
file(GLOB bad_configurations CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/unit/config/bad/*.yml")
set_property(TARGET test_config APPEND PROPERTY LINK_DEPENDS ${bad_configurations})
