"""tcp and unix: dialogues with servers that say what they should, something else, or nothing."""

from case import Case, Tcp, Unix

SERVER_TLS = {}


def says(*pieces):
    """Sends these, then hears whatever comes until the peer is gone."""

    def script(connection):
        for each in pieces:
            connection.send(each)
        while True:
            connection.read_line()

    return script


def says_and_closes(*pieces):
    def script(connection):
        for each in pieces:
            connection.send(each)

    return script


def smtp(connection):
    connection.send(b"220 mail.example ESMTP\r\n")
    while line := connection.read_line().strip().upper():
        if line.startswith(b"EHLO"):
            connection.send(b"250-mail.example\r\n250-STARTTLS\r\n250 HELP\r\n")
        elif line == b"STARTTLS":
            connection.send(b"220 go ahead\r\n")
            connection.start_tls(connection.listener.context)
        elif line == b"QUIT":
            connection.send(b"221 bye\r\n")
            return
        else:
            connection.send(b"500 what\r\n")


def smtp_that_refuses(connection):
    connection.send(b"220 mail.example ESMTP\r\n")
    while connection.read_line():
        connection.send(b"454 not now\r\n")


def imap(connection):
    connection.send(b"* OK IMAP4rev1 ready\r\n")
    connection.read_line()
    connection.send(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n. OK done\r\n")
    while connection.read_line():
        connection.send(b". OK bye\r\n")


def irc(connection):
    nick = connection.read_line()
    connection.read_line()
    connection.send(b"NOTICE AUTH :*** Looking up\r\n:server 001 " + nick.split()[1] + b" :Welcome\r\n")
    connection.stall()


def starts_tls(answer):
    def script(connection):
        connection.read_line()
        connection.send(answer)
        connection.start_tls(connection.listener.context)
        connection.send(b"250 inside\r\n")
        while True:
            connection.read_line()

    return script


def dialogues():
    """name, script, steps, options"""
    for name, script, steps, options in (
            ("connect_only", says_and_closes(), None, {}),
            ("no_steps", says_and_closes(), [], {}),
            ("ssh", says(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), [{"expect": "^SSH-2.0-"}, {"send": "bye"}], {}),
            ("ssh_template", says(b"SSH-2.0-OpenSSH_6.9p1 Debian-2\r\n"),
             [{"expect": "^SSH-2.0-([^ -]+)(?: (.*))?$", "send": "SSH-2.0-${1} $2"}], {}),
            ("labels", says(b"SSH-2.0-OpenSSH_6.9p1 Debian-2\r\n"),
             [{"expect": "^SSH-2.0-([^ -]+)(?: (.*))?$", "labels": [{"name": "version", "value": "got ${1} here"},
                                                                    {"name": "comment", "value": "$1 on $2"}]}], {"since": "0.26"}),
            ("labels_not_reached", says(b"nothing\r\n"), [{"expect": "^x(.)", "labels": [{"name": "a", "value": "$1"}]}],
             {"since": "0.26", "timeout": "500ms"}),
            ("labels_without_group", says(b"hello\r\n"), [{"expect": "^hello", "labels": [{"name": "a", "value": "$1 \"q\" \\"}]}],
             {"since": "0.26"}),
            ("template_of_all_kinds", says(b"one\r\n"), [{"expect": "^(o)(?P<n>n)e$", "send": "a $1b ${1}b ${n} $n $$ $9 ${zz} $"}], {}),
            ("later_line", says(b"one\r\ntwo\r\nthree\r\n"), [{"expect": "^three$"}, {"send": "got it"}], {}),
            ("lines_stay_for_later_steps", says(b"one\r\ntwo\r\nthree\r\n"), [{"expect": "^one$"}, {"expect": "^three$"}], {}),
            ("order_matters", says(b"one\r\ntwo\r\n"), [{"expect": "^two$"}, {"expect": "^one$"}], {"timeout": "500ms"}),
            ("wrong_line_and_close", says_and_closes(b"error\r\n"), [{"expect": "^ok"}], {}),
            ("wrong_line_and_silence", says(b"error\r\n"), [{"expect": "^ok"}], {"timeout": "500ms"}),
            ("closes_at_once", says_and_closes(), [{"expect": "^ok"}], {}),
            ("silence", lambda connection: connection.stall(), [{"expect": "^ok"}], {"timeout": "500ms"}),
            ("unterminated_and_close", says_and_closes(b"ok"), [{"expect": "^ok$"}], {}),
            ("unterminated_and_silence", says(b"ok"), [{"expect": "^ok$"}], {"timeout": "500ms"}),
            ("carriage_returns", says(b"ok\r\r\n"), [{"expect": "^ok\r$"}], {}),
            ("empty_lines", says(b"\n\r\n\nok\n"), [{"expect": "^$"}, {"expect": "^ok$"}], {}),
            ("not_utf8", says(b"a\xff\xfe\xc3z\n"), [{"expect": "^a.*z$"}], {}),
            ("nul", says(b"a\0b\n"), [{"expect": "^a\\x00b$"}], {}),
            ("line_of_60000", says(b"x" * 60000 + b"\n"), [{"expect": "^x+$"}], {}),
            ("line_of_70000", says(b"x" * 70000 + b"\n"), [{"expect": "^x+$"}], {}),
            ("send_only", says(), [{"send": "hello\r"}], {}),
            ("send_dollars", says(), [{"send": "cost $1 $$ ${x}"}], {}),
            ("send_empty", says(b"ok\n"), [{"expect": "ok"}, {"send": ""}, {"send": "x"}], {}),
            ("irc", irc, [{"send": "NICK prober"}, {"send": "USER prober prober prober :prober"},
                          {"expect": "PING :([^ ]+)|:[^ ]+ 001"}], {}),
            ("imap", imap, [{"expect": "OK.*IMAP"}, {"send": ". CAPABILITY\r"}, {"expect": "STARTTLS"}, {"send": ". LOGOUT\r"}], {}),
            ("bytes", says(b"0123456789"), [{"expect_bytes": "0123456789"}, {"send": "x"}], {"since": "0.26"}),
            ("bytes_differ", says(b"0123456780"), [{"expect_bytes": "0123456789"}], {"since": "0.26"}),
            ("bytes_too_few", says(b"012"), [{"expect_bytes": "0123456789"}], {"since": "0.26", "timeout": "500ms"}),
            ("bytes_too_few_and_close", says_and_closes(b"012"), [{"expect_bytes": "0123456789"}], {"since": "0.26"}),
            ("bytes_more_than_wanted", says(b"0123456789abc"), [{"expect_bytes": "0123456789"}, {"send": "x"}], {"since": "0.26"}),
            ("bytes_after_line", says(b"one\r\n0123"), [{"expect": "^one"}, {"expect_bytes": "0123"}], {"since": "0.26", "timeout": "500ms"}),
    ):
        yield Case("tcp_" + name, "tcp", "@server@", {"query_response": steps} if steps is not None else {}, Tcp(script), **options)
        yield Case("unix_" + name, "unix", "@server@", {"query_response": steps} if steps is not None else {}, Unix(script),
                   **{**options, "since": "0.28"})


def starttls():
    trusted = {"ca_file": "@folder@/ca.pem"}
    steps = [{"expect": "^220"}, {"send": "EHLO prober\r"}, {"expect": "^250-STARTTLS"}, {"send": "STARTTLS\r"}, {"expect": "^220"},
             {"starttls": True}, {"send": "EHLO prober\r"}, {"expect": "^250 "}, {"send": "QUIT\r"}]
    short = [{"send": "GO"}, {"expect": "^220"}, {"starttls": True}, {"expect": "^250 "}]
    for name, script, dialogue, tls_config, options in (
            ("smtp", smtp, steps, trusted, {}), ("smtp_refuses", smtp_that_refuses, steps, trusted, {"timeout": "500ms"}),
            ("untrusted", starts_tls(b"220\r\n"), short, {"ca_file": "@folder@/stranger.pem"}, {}),
            ("not_verified", starts_tls(b"220\r\n"), short, {"insecure_skip_verify": True}, {}),
            ("name_told", starts_tls(b"220\r\n"), short, {**trusted, "server_name": "a.example.test"}, {}),
            ("name_wrong", starts_tls(b"220\r\n"), short, {**trusted, "server_name": "wrong.example"}, {}),
            ("plaintext_injected", starts_tls(b"220\r\n250 injected\r\n"), short, trusted, {"blind": True}),
            ("peer_never_starts", says(b"220\r\n"), short, trusted, {"timeout": "500ms", "blind": True})):
        yield Case("tcp_starttls_" + name, "tcp", "@server@", {"query_response": dialogue, "tls_config": tls_config},
                   Tcp(script, starttls=True), **options)
        if "server_name" in tls_config or "insecure_skip_verify" in tls_config:
            yield Case("unix_starttls_" + name, "unix", "@server@", {"query_response": dialogue, "tls_config": tls_config},
                       Unix(script, starttls=True), **{**options, "since": "0.28"})


def targets():
    well = says_and_closes()
    for name, target, block in (
            ("by_name", "localhost:@server.port@", {"preferred_ip_protocol": "ip4"}),
            ("fallback_from_ip6", "@server@", {"preferred_ip_protocol": "ip6"}),
            ("no_fallback_from_ip6", "@server@", {"preferred_ip_protocol": "ip6", "ip_protocol_fallback": False}),
            ("refused", "@closed@", {}), ("no_port", "127.0.0.1", {}), ("empty_port", "127.0.0.1:", {}), ("port_0", "127.0.0.1:0", {}),
            ("port_too_large", "127.0.0.1:70000", {}), ("service_name", "127.0.0.1:domain-s", {}), ("service_unknown", "127.0.0.1:nosuchservice", {}),
            ("no_such_name", "nosuch.invalid:80", {}), ("url", "http://@server@/", {}), ("no_host", ":@server.port@", {"preferred_ip_protocol": "ip4"}),
            ("ip6_without_brackets", "::1:80", {}), ("source_address", "@server@", {"source_ip_address": "127.0.0.9"}),
            ("source_address_of_nobody", "@server@", {"source_ip_address": "192.0.2.1"}),
            ("source_address_rubbish", "@server@", {"source_ip_address": "nonsense"}),
            ("source_address_of_other_family", "@server@", {"source_ip_address": "::1"})):
        yield Case("tcp_" + name, "tcp", target, block, Tcp(well))
    yield Case("tcp_ip6", "tcp", "[::1]:@server.port@", {}, Tcp(well, address="::1"))
    yield Case("tcp_without_block", "tcp", "@server@", None, Tcp(well))
    for name, target in (("missing", "@folder@/nothing.socket"), ("no_socket", "@folder@/body.txt"), ("a_folder", "@folder@"),
                         ("long_path", "/tmp/" + "x" * 200), ("relative", "nothing.socket")):
        yield Case("unix_" + name, "unix", target, {}, since="0.28")
    yield Case("unix_without_block", "unix", "@server@", None, Unix(well), since="0.28")
    yield Case("unix_tls", "unix", "@server@", {"tls": True, "tls_config": {"ca_file": "@folder@/ca.pem", "server_name": "localhost"}},
               Unix(lambda connection: connection.stall(), SERVER_TLS), since="0.28")
    yield Case("unix_tls_without_name", "unix", "@server@", {"tls": True, "tls_config": {"ca_file": "@folder@/ca.pem"}},
               Unix(lambda connection: connection.stall(), SERVER_TLS), since="0.28")
    yield Case("unix_tls_not_verified", "unix", "@server@", {"tls": True, "tls_config": {"insecure_skip_verify": True}},
               Unix(lambda connection: connection.stall(), SERVER_TLS), since="0.28")


CASES = [*dialogues(), *starttls(), *targets()]
