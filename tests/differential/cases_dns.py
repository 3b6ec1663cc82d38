"""dns: each answer over UDP, most over TCP, some over TLS."""

import struct

from case import Case, Tcp, Udp
from dns_scripts import (A, AAAA, CAA, CNAME, MX, NS, PTR, SOA, SRV, TXT, answers_with, message, name, over_tcp, over_udp, question_of,
                         record, soa)

TWO = [record(A, bytes([127, 0, 0, 1])), record(A, bytes([127, 0, 0, 2]))]
ZONE = {"answers": [record(A, bytes([192, 0, 2, 1]))],
        "authority": [record(NS, name("ns1.isp.net"), ttl=7200), record(NS, name("ns2.isp.net"), ttl=7200)],
        "additional": [record(A, bytes([127, 0, 0, 1]), name("ns1.isp.net")), record(AAAA, bytes(15) + b"\1", name("ns1.isp.net")),
                       record(A, bytes([127, 0, 0, 2]), name("ns2.isp.net"))]}
RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"]
KINDS = {
    "a": record(A, bytes([192, 0, 2, 1])), "aaaa": record(AAAA, bytes.fromhex("20010db8000000000000000000000001")),
    "aaaa_mapped": record(AAAA, bytes(10) + b"\xff\xff\x7f\0\0\1"), "cname": record(CNAME, name("other.example")),
    "mx": record(MX, b"\0\x0a" + name("mail.example")), "txt": record(TXT, b"\5hello\7a \"b\" \\"), "txt_binary": record(TXT, b"\4\0\xff\n;"),
    "srv": record(SRV, struct.pack("!HHH", 1, 2, 443) + name("web.example")), "ptr": record(PTR, name("host.example")),
    "caa": record(CAA, b"\0\5issueca.example"), "soa": record(SOA, soa(2024010101)), "ns": record(NS, name("ns.example")),
    "unknown": record(65280, b"\1\2"), "of_class_ch": record(TXT, b"\4text", of_class=3), "ds": record(43, struct.pack("!HBB", 1234, 8, 2) + bytes(range(32))),
    "dnskey": record(48, struct.pack("!HBB", 257, 3, 8) + bytes(range(40))), "https": record(65, b"\0\1\0\0\1\0\3\2h2"),
    "tlsa": record(52, b"\3\1\1" + bytes(range(32))), "naptr": record(35, struct.pack("!HH", 1, 2) + b"\1s\3SIP\0" + name("sip.example")),
    "sshfp": record(44, b"\4\2" + bytes(range(32))), "hinfo": record(13, b"\3cpu\2os"), "loc": record(29, b"\0\x12\x16\x13" + struct.pack("!III", 2332896396, 2147483648, 10000000)),
    "rrsig": record(46, struct.pack("!HBBIIIH", 1, 8, 2, 3600, 1700000000, 1690000000, 1234) + name("example.org") + bytes(range(16))),
    "escaped_name": record(A, bytes([1, 2, 3, 4]), b"\5a.b c\2\xc3\xa4\0"),
    "escaped_signs": record(A, bytes([1, 2, 3, 4]), b"\x0ea@b'c\"d;e(f)\\$\0"),
    "escaped_soa": record(SOA, b"\4n\"s \0\4it's\0" + soa(1)[-20:]),
    "ttl_above_2_31": record(A, bytes([1, 2, 3, 4]), ttl=4294967295),
}


def dns(title, make, transports=("udp", "tcp"), target="@server@", query_name="www.example.org", **options):
    rest = {key: options.pop(key) for key in ("parameters", "timeout", "since", "blind") if key in options}
    block = {"query_name": query_name, **options}
    for transport in transports:
        server = Udp(over_udp(make)) if transport == "udp" else Tcp(over_tcp(make))
        yield Case(f"dns_{title}_{transport}", "dns", target, {"transport_protocol": transport, **block}, server, **rest)


def answers():
    two = answers_with(answers=TWO)
    yield from dns("plain", two)
    yield from dns("type_a", two, query_type="A")
    yield from dns("all_sections", answers_with(**ZONE))
    yield from dns("nothing", answers_with())
    yield from dns("type_empty", two, ("udp",), query_type="")
    yield from dns("class_empty", two, ("udp",), query_class="")
    yield from dns("recursion_off", two, ("udp",), recursion_desired=False, since="0.24")
    yield from dns("class_ch", answers_with(answers=[KINDS["of_class_ch"]]), ("udp",), query_class="CH", query_type="TXT")
    yield from dns("name_fully_qualified", two, ("udp",), query_name="www.example.org.")
    yield from dns("name_root", two, ("udp",), query_name=".")
    yield from dns("name_upper_case", two, ("udp",), query_name="WWW.Example.ORG")
    yield from dns("name_escaped", two, ("udp",), query_name="a\\.b.example\\032.org")
    yield from dns("name_label_too_long", two, ("udp",), query_name="x" * 64 + ".org")
    yield from dns("name_too_long", two, ("udp",), query_name=".".join(["x" * 60] * 5))
    yield from dns("name_empty_label", two, ("udp",), query_name="a..b")
    yield from dns("name_not_ascii", two, ("udp",), query_name="\u00e4.example")
    for kind in ("AAAA", "MX", "TXT", "SRV", "CAA", "HTTPS", "DS", "NAPTR", "PTR", "ANY", "AXFR", "TLSA", "SPF"):
        yield from dns(f"asks_{kind.lower()}", two, ("udp",), query_type=kind)
    for number, rcode in enumerate(RCODES):
        yield from dns(f"rcode_{rcode.lower()}", answers_with(rcode=number), ("udp",))
        yield from dns(f"rcode_{rcode.lower()}_wanted", answers_with(rcode=number), ("tcp",), valid_rcodes=[rcode])
    yield from dns("rcode_of_several", answers_with(rcode=3), ("udp",), valid_rcodes=["SERVFAIL", "NXDOMAIN"])
    yield from dns("rcode_none_valid", two, ("udp",), valid_rcodes=[])
    yield from dns("rcode_unknown_name", two, ("udp",), valid_rcodes=["NOSUCH"])
    yield from dns("rcode_in_lower_case", two, ("udp",), valid_rcodes=["noerror"])
    yield from dns("rcode_12", answers_with(rcode=12), ("udp",))
    for transport in (("udp",), ("tcp",)):
        yield from dns("soa", answers_with(answers=[record(SOA, soa(1000))]), transport, query_type="SOA")
    yield from dns("soa_two", answers_with(answers=[record(SOA, soa(1)), record(SOA, soa(4294967295))]), ("udp",), query_type="SOA")
    yield from dns("soa_none", answers_with(rcode=3), ("udp",), query_type="SOA")
    yield from dns("soa_in_authority", answers_with(authority=[record(SOA, soa(7))]), ("udp",), query_type="SOA")


def rules():
    zone = answers_with(**ZONE)
    for title, section, rule, patterns in (
            ("matches", "answer", "fail_if_matches_regexp", [".*192.0.2.*"]), ("matches_not", "answer", "fail_if_matches_regexp", ["7200"]),
            ("misses", "answer", "fail_if_not_matches_regexp", ["7200"]), ("misses_not", "answer", "fail_if_not_matches_regexp", ["3600"]),
            ("some_miss", "additional", "fail_if_not_matches_regexp", ["127.0.0"]), ("none", "additional", "fail_if_none_matches_regexp", ["127.0.0.3"]),
            ("not_none", "additional", "fail_if_none_matches_regexp", ["127.0.0.2"]), ("all", "authority", "fail_if_all_match_regexp", ["isp.net"]),
            ("not_all", "additional", "fail_if_all_match_regexp", ["127.0.0"]), ("two_patterns", "authority", "fail_if_all_match_regexp", ["ns1", "isp"]),
            ("anchors", "authority", "fail_if_matches_regexp", ["^www.example.org.\t7200\tIN\tNS\tns1.isp.net.$"])):
        yield from dns(f"rule_{section}_{title}", zone, ("udp",), **{f"validate_{section}_rrs": {rule: patterns}})
    for rule in ("fail_if_matches_regexp", "fail_if_not_matches_regexp", "fail_if_none_matches_regexp", "fail_if_all_match_regexp"):
        yield from dns(f"rule_of_nothing_{rule[8:-7]}", answers_with(), ("udp",), validate_additional_rrs={rule: ["x"]})
    # A record's text is told by a rule that wants exactly it: what the peer says of one, ours must say.
    texts = {
        "a": r"192\.0\.2\.1$", "aaaa": r"2001:db8::1$", "aaaa_mapped": r"::ffff:127\.0\.0\.1$", "cname": r"other\.example\.$", "mx": r"10 mail\.example\.$",
        "txt": r'"hello" "a \\"b\\" \\\\"$', "txt_binary": r'"\\000\\255\\010;"$', "srv": r"1 2 443 web\.example\.$", "ptr": r"host\.example\.$",
        "caa": r'0 issue "ca\.example"$', "soa": r"ns\.example\. admin\.example\. 2024010101 7200 3600 1209600 300$", "ns": r"ns\.example\.$",
        "unknown": r"CLASS1\tTYPE65280\t\\# 2 0102$", "of_class_ch": r'CH\tTXT\t"text"$', "ds": r"1234 8 2 000102[0-9A-F]*1F$", "dnskey": r"257 3 8 AAEC[A-Za-z0-9+/=]*$",
        "https": r'1 \. alpn="h2"$', "tlsa": r"3 1 1 000102[0-9a-f]*1f$", "naptr": r'1 2 "s" "SIP" "" sip\.example\.$', "sshfp": r"4 2 000102[0-9A-F]*1F$",
        "hinfo": r'"cpu" "os"$', "loc": r"LOC\t[0-9 .NSEWm]*$", "rrsig": r"A 8 2 3600 20231114221320 20230722042640 1234 example\.org\. AAEC[A-Za-z0-9+/=]*$",
        "escaped_name": r"^a\\\.b\\ c\.\\195\\164\.\t3600\tIN\tA\t1\.2\.3\.4$",
        "escaped_signs": r"""^a\\@b\\'c\\"d\\;e\\\(f\\\)\\\\\$\.\t3600\tIN\tA\t1\.2\.3\.4$""",
        "escaped_soa": r"""\tn\\"s\\ \. it\\'s\. 1 7200 3600 1209600 300$""",
        "ttl_above_2_31": r"^www\.example\.org\.\t4294967295\tIN\tA\t1\.2\.3\.4$",
    }
    for kind, text in texts.items():
        yield from dns(f"text_{kind}", answers_with(answers=[KINDS[kind]]), ("udp",),
                       validate_answer_rrs={"fail_if_not_matches_regexp": [text]})


def misbehaviour():
    yield from dns("silence", lambda _: [], timeout="500ms")
    yield from dns("wrong_identity", lambda query: [message(query, answers=TWO, identity=struct.unpack("!H", query[:2])[0] ^ 1)], timeout="500ms")
    yield from dns("wrong_identity_first", lambda query: [message(query, 2, identity=struct.unpack("!H", query[:2])[0] ^ 1), message(query, answers=TWO)],
                   ("udp",))
    yield from dns("truncated_flag", answers_with(answers=TWO, flags=0x8780))
    yield from dns("truncated_flag_alone", answers_with(flags=0x8780), ("udp",))
    yield from dns("no_question", answers_with(answers=[record(A, bytes([1, 2, 3, 4]), name("www.example.org"))], question=False))
    yield from dns("other_question", lambda query: [message(query, answers=TWO).replace(question_of(query), name("xxx.example.org") + b"\0\1\0\1")], ("udp",))
    yield from dns("no_response_flag", answers_with(answers=TWO, flags=0x0100), timeout="500ms")
    yield from dns("shorter_than_head", lambda query: [query[:2] + b"\x85\x80\0"], timeout="500ms")
    yield from dns("empty_message", lambda _: [b""], timeout="500ms")
    yield from dns("counts_too_high", answers_with(answers=TWO, counts=(1, 5, 0, 0)), timeout="500ms")
    yield from dns("counts_too_low", answers_with(answers=TWO, counts=(1, 1, 0, 0)), timeout="500ms")
    yield from dns("cut_record", lambda query: [message(query, answers=TWO)[:-3]], timeout="500ms")
    yield from dns("bad_pointer", answers_with(answers=[record(A, bytes(4), b"\xff\xff")]), timeout="500ms")
    yield from dns("pointer_to_itself", lambda query: [message(query, answers=[record(A, bytes(4), struct.pack("!H", 0xC000 | (12 + len(question_of(query)))))])],
                   timeout="500ms")
    for kind, sizes in ((A, (0, 3, 5)), (AAAA, (0, 15, 17))):
        for size in sizes:
            title = f"address_of_{size}_bytes" if kind == A else f"address_of_{size}_bytes_of_ip6"
            yield from dns(title, answers_with(answers=[record(kind, bytes(size))]), timeout="500ms")
    yield from dns("rubbish", lambda query: [query[:2] + bytes(range(200, 250))], timeout="500ms")
    yield from dns("larger_than_512", answers_with(answers=[record(TXT, b"\xc8" + b"x" * 200)] * 5), timeout="500ms")
    yield from dns("hundreds_of_records", answers_with(answers=TWO * 300), ("tcp",))
    yield from dns("hangs_up", lambda _: [None], ("tcp",))
    yield from dns("query_sent_back", lambda query: [query], timeout="500ms")


def servers():
    two = answers_with(answers=TWO)
    block = {"query_name": "www.example.org"}
    yield from dns("by_name", two, target="localhost:@server.port@", preferred_ip_protocol="ip4")
    yield from dns("source_address", two, source_ip_address="127.0.0.9")
    yield from dns("source_address_rubbish", two, ("udp",), source_ip_address="nonsense")
    yield from dns("refused", two, target="@closed@", timeout="500ms")
    yield from dns("no_such_name", two, ("udp",), target="nosuch.invalid")
    yield from dns("no_fallback", two, ("udp",), ip_protocol_fallback=False)
    yield from dns("transport_unknown", two, ("udp",), target="127.0.0.1:port")
    yield from dns("two_ports", two, ("udp",), target="127.0.0.1:53:53")
    yield from dns("server_hangs_up_at_once", two, ("tcp",), target="@nginx_tls@", timeout="500ms")
    yield Case("dns_ip6", "dns", "[::1]:@server.port@", block, Udp(over_udp(two), "::1"))
    yield Case("dns_transport_nonsense", "dns", "@server@", {**block, "transport_protocol": "quic"}, Udp(over_udp(two)))
    yield Case("dns_without_block", "dns", "@server@", None, Udp(over_udp(two)))
    trusted = {"ca_file": "@folder@/ca.pem"}
    for title, tls, words in (("trusted", {}, {"tls_config": trusted}), ("untrusted", {}, {}), ("expired", {"name": "expired"}, {"tls_config": trusted}),
                              ("other_name", {"name": "other"}, {"tls_config": trusted}),
                              ("name_told", {"name": "other"}, {"tls_config": {**trusted, "server_name": "elsewhere.example"}}),
                              ("not_verified", {}, {"tls_config": {"insecure_skip_verify": True}}), ("plain_server", None, {"tls_config": trusted}),
                              ("file_missing", {}, {"tls_config": {"ca_file": "@folder@/nothing"}})):
        yield Case(f"dns_tls_{title}", "dns", "@server@", {**block, "transport_protocol": "tcp", "dns_over_tls": True, **words},
                   Tcp(over_tcp(two), tls), blind=tls is None, timeout="1s")
    yield Case("dns_tls_over_udp", "dns", "@server@", {**block, "dns_over_tls": True}, Udp(over_udp(two)))


CASES = [*answers(), *rules(), *misbehaviour(), *servers()]
