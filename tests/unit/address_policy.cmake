lookout_test(test_address_policy LABEL unit SOURCES unit/address_policy_test.cc LIBRARIES lookout_net)
