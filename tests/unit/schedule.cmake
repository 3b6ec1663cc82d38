lookout_test(test_schedule LABEL unit SOURCES unit/schedule_test.cc LIBRARIES lookout_schedule)
