lookout_test(test_websocket LABEL net SOURCES net/websocket_test.cc net/websocket_hostile_test.cc net/websocket_peer.cc
  LIBRARIES lookout_test_probe)
