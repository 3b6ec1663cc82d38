"""grpc: the health call, answered in every way."""

from case import Case, Tcp
from http2 import DATA, END_HEADERS, GOAWAY, HEADERS, RST_STREAM, by_service, code_only, fields, frame, grpc, health
from http_scripts import answers, response

WELL = grpc(by_service)
TRUSTED = {"ca_file": "@folder@/ca.pem"}


def call(title, script=WELL, target="@server@", tls=None, address="127.0.0.1", **block):
    options = {key: block.pop(key) for key in ("timeout", "blind", "since") if key in block}
    return Case("grpc_" + title, "grpc", target, {"preferred_ip_protocol": "ip4", **block}, Tcp(script, tls, address),
                **{"since": "0.23", **options})


def services():
    yield call("plain")
    yield call("service_well", service="well")
    yield call("service_sick", service="sick")
    yield call("service_odd", service="odd")
    yield call("service_unsaid", service="unsaid")
    yield call("service_unknown", service="other")
    yield call("metadata", metadata={"key1": ["a", "b"], "key2-bin": ["bytes"], "authorization": ["Bearer x"]}, since="0.28")
    yield call("metadata_in_upper_case", metadata={"Key1": ["a"]}, since="0.28")
    for code in (1, 2, 3, 4, 7, 8, 12, 13, 14, 16, 17, 99):
        yield call(f"code_{code}", grpc(code_only(code)))
    yield call("code_5_after_message", grpc(health(1, 5)))
    yield call("status_of_17", grpc(health(17)))
    for status in (200, 400, 401, 403, 404, 429, 500, 502, 503, 504):
        yield call(f"http_{status}", grpc(code_only(None, status, "text/html")))


def targets():
    yield call("by_name", target="localhost:@server.port@")
    yield call("with_scheme", target="http://@server@")
    yield call("with_path", target="http://@server@/path")
    yield call("refused", target="@closed@")
    yield call("port_0", target="127.0.0.1:0")
    yield call("no_such_name", target="nosuch.invalid:80")
    yield call("no_fallback", preferred_ip_protocol="ip6", ip_protocol_fallback=False)
    yield call("ip6", target="[::1]:@server.port@", address="::1", preferred_ip_protocol="ip6")
    yield Case("grpc_without_block", "grpc", "@server@", None, Tcp(WELL), since="0.23")


def handshakes():
    both = {"protocols": ("h2",)}
    yield over_tls("trusted", both, TRUSTED)
    yield over_tls("not_verified", both, {"insecure_skip_verify": True})
    yield over_tls("untrusted", both, {})
    yield over_tls("expired", {**both, "name": "expired"}, TRUSTED)
    yield over_tls("other_name", {**both, "name": "other"}, TRUSTED)
    yield over_tls("name_told", {**both, "name": "other"}, {**TRUSTED, "server_name": "elsewhere.example"})
    yield over_tls("file_missing", both, {"ca_file": "@folder@/nothing"})
    yield over_tls("plain_server", None, TRUSTED, blind=True)
    yield over_tls("without_h2", {"protocols": ("http/1.1",)}, TRUSTED, blind=True)
    yield over_tls("service_sick", both, TRUSTED, service="sick")


def over_tls(title, tls, tls_config, **block):
    options = {key: block.pop(key) for key in ("timeout", "blind") if key in block}
    return Case("grpc_tls_" + title, "grpc", "@server@", {"preferred_ip_protocol": "ip4", "tls": True, "tls_config": tls_config, **block},
                Tcp(WELL, tls), since="0.23", **options)


def misbehaviour():
    yield call("http_1_server", answers(response(b"hello", "400 Bad Request")), blind=True)
    yield call("closes", lambda connection: connection.read_some(), blind=True)
    yield call("reset_stream", grpc(lambda connection, asked: connection.send(frame(RST_STREAM, 0, asked.stream, b"\0\0\0\2"))))
    yield call("goes_away", grpc(lambda connection, asked: connection.send(frame(GOAWAY, 0, 0, b"\0\0\0\0\0\0\0\0"))), blind=True)
    yield call("message_rubbish", grpc(message(b"\0\0\0\0\2\xff\xff")))
    yield call("message_compressed", grpc(message(b"\1\0\0\0\2\x08\1")))
    yield call("message_empty", grpc(message(b"")))
    yield call("message_too_large", grpc(message(b"\0\xff\xff\xff\xff\x08\1")))


def message(data):
    def answer(connection, asked):
        connection.send(frame(HEADERS, END_HEADERS, asked.stream, fields(status=200, content_type="application/grpc")))
        connection.send(frame(DATA, 0, asked.stream, data))
        connection.send(frame(HEADERS, END_HEADERS | 1, asked.stream, fields(grpc_status=0)))

    return answer


CASES = [*services(), *targets(), *handshakes(), *misbehaviour()]
