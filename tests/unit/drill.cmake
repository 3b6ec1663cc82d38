file(GLOB sources CONFIGURE_DEPENDS unit/drill/*.cc)
lookout_test(test_drill LABEL unit LIBRARIES lookout_drill SOURCES ${sources})
