file(GLOB sources CONFIGURE_DEPENDS net/actions/*.cc)
lookout_test(test_actions LABEL net LIBRARIES lookout_actions lookout_test_support SOURCES ${sources})
