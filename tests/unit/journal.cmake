lookout_test(test_journal LABEL unit
  SOURCES unit/journal/saved_text_test.cc unit/journal/store_test.cc unit/journal/journal_test.cc unit/journal/recorder_test.cc unit/journal/report_files_test.cc unit/journal/backtest_test.cc
  LIBRARIES lookout_journal SQLiteCpp)
