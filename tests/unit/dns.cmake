lookout_test(test_dns_parts LABEL unit
  SOURCES unit/dns_message_test.cc unit/dns_rules_test.cc unit/dns_config_test.cc unit/icmp_packet_test.cc unit/dns_wire.cc
  LIBRARIES lookout_dns lookout_icmp)
