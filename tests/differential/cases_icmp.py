"""icmp to loopback: as root both exporters may open raw sockets."""

from case import Case


def icmp(title, target="127.0.0.1", timeout="1s", **block):
    return Case("icmp_" + title, "icmp", target, block, timeout=timeout)


CASES = [
    icmp("plain"), Case("icmp_without_block", "icmp", "127.0.0.1"), icmp("ip6", "::1"), icmp("by_name", "localhost", preferred_ip_protocol="ip4"),
    icmp("other_loopback", "127.1.2.3"), icmp("no_fallback", ip_protocol_fallback=False), icmp("no_such_name", "nosuch.invalid"),
    icmp("with_port", "127.0.0.1:80"), icmp("url", "http://127.0.0.1/"), icmp("payload", payload_size=1000), icmp("payload_small", payload_size=5),
    icmp("payload_largest", payload_size=65507), icmp("payload_too_large", payload_size=70000, timeout="500ms"),
    icmp("dont_fragment", dont_fragment=True), icmp("dont_fragment_ip6", "::1", dont_fragment=True),
    icmp("dont_fragment_and_large", dont_fragment=True, payload_size=65507),
    icmp("source_address", source_ip_address="127.0.0.9"), icmp("source_address_rubbish", source_ip_address="nonsense"),
    icmp("source_address_of_nobody", source_ip_address="192.0.2.1"), icmp("source_address_of_other_family", source_ip_address="::1"),
    Case("icmp_ttl", "icmp", "127.0.0.1", {"ttl": 5}, since="0.24", timeout="1s"), Case("icmp_ttl_0", "icmp", "127.0.0.1", {"ttl": 0}, since="0.24", timeout="1s"),
]
