file(GLOB sources CONFIGURE_DEPENDS unit/recovery/*.cc)
lookout_test(test_recovery LABEL unit LIBRARIES lookout_recovery SOURCES ${sources})
