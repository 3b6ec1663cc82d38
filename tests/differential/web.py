"""--web.config.file: TLS, users and headers of both programs' own servers, with credentials and without, and which files they take."""

import base64
import ssl
from dataclasses import dataclass, field

import exporters
import yaml
from certificates import Certificates
from comparing import Difference, compare_heads, one_sided

SECRET = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"  # "secret"
OTHERS = {"Date", "Content-Length", "Content-Type", "Transfer-Encoding"}  # compared elsewhere, or not to be compared
HEADERS = {"Strict-Transport-Security": "max-age=9", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "deny", "X-XSS-Protection": "1",
           "Content-Security-Policy": "default-src 'self'"}
PAIR = {"cert_file": "server.pem", "key_file": "server.key"}
USERS = {"basic_auth_users": {"user": SECRET, "another": SECRET}}


def basic(text):
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


CREDENTIALS = {
    "none": {}, "right": basic("user:secret"), "another": basic("another:secret"), "wrong": basic("user:wrong"), "unknown_user": basic("nobody:secret"),
    "no_password": basic("user:"), "no_colon": basic("user"), "no_base64": {"Authorization": "Basic !"}, "no_words": {"Authorization": "Basic"},
    "bearer": {"Authorization": "Bearer secret"}, "lower_case": {"Authorization": "basic dXNlcjpzZWNyZXQ="}, "user_in_upper_case": basic("USER:secret")}
PATHS = {"healthy": "/-/healthy", "metrics": "/metrics", "probe": "/probe", "config": "/config", "reload": "/-/reload"}


@dataclass
class Site:
    """A web configuration, and how its servers are asked."""
    configuration: dict
    certificates: tuple = (None,)  # of clients: None or a name
    tls: bool = False
    credentials: dict = field(default_factory=lambda: {"none": {}})


SITES = {
    "empty": Site({}), "headers": Site({"http_server_config": {"headers": HEADERS}}),
    "users": Site(USERS, credentials=CREDENTIALS), "no_users": Site({"basic_auth_users": {}}, credentials={"wrong": CREDENTIALS["wrong"]}),
    "users_and_headers": Site({**USERS, "http_server_config": {"headers": HEADERS}}, credentials={each: CREDENTIALS[each] for each in ("none", "right")}),
    "tls": Site({"tls_server_config": PAIR}, tls=True), "tls_asked_plainly": Site({"tls_server_config": PAIR}),
    "tls_users": Site({"tls_server_config": PAIR, **USERS}, tls=True, credentials={each: CREDENTIALS[each] for each in ("none", "right", "wrong")}),
    **{f"tls_{policy.lower()}": Site({"tls_server_config": {**PAIR, "client_auth_type": policy, **authority}}, certificates=(None, "client", "other"), tls=True)
       for policy, authority in (("NoClientCert", {}), ("RequestClientCert", {}), ("RequireAnyClientCert", {}),
                                 ("VerifyClientCertIfGiven", {"client_ca_file": "ca.pem"}),
                                 ("RequireAndVerifyClientCert", {"client_ca_file": "ca.pem"}))},
    "tls_stranger": Site({"tls_server_config": {**PAIR, "client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": "stranger.pem"}},
                         certificates=(None, "client"), tls=True),
}

# Which files a server starts with.
FILES = {
    "unknown_key": {"nothing": 1}, "cert_missing": {"tls_server_config": {"key_file": "server.key"}}, "key_missing": {"tls_server_config": {"cert_file": "server.pem"}},
    "cert_not_there": {"tls_server_config": {**PAIR, "cert_file": "nothing.pem"}}, "tls_empty": {"tls_server_config": {}},
    "cert_of_other_key": {"tls_server_config": {**PAIR, "key_file": "client.key"}}, "hash_rubbish": {"basic_auth_users": {"user": "secret"}},
    "header_unknown": {"http_server_config": {"headers": {"X-Other": "a"}}}, "header_value": {"http_server_config": {"headers": {"X-Frame-Options": "maybe"}}},
    "policy_unknown": {"tls_server_config": {**PAIR, "client_auth_type": "Sometimes"}}, "authority_alone": {"tls_server_config": {**PAIR, "client_ca_file": "ca.pem"}},
    "policy_without_authority": {"tls_server_config": {**PAIR, "client_auth_type": "RequireAndVerifyClientCert"}},
    "version_unknown": {"tls_server_config": {**PAIR, "min_version": "TLS14"}}, "version_old": {"tls_server_config": {**PAIR, "min_version": "TLS10"}},
    "cipher_unknown": {"tls_server_config": {**PAIR, "cipher_suites": ["NOTHING"]}},
    "ciphers": {"tls_server_config": {**PAIR, "cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]}},
    "curves": {"tls_server_config": {**PAIR, "curve_preferences": ["CurveP256", "X25519"]}}, "curve_unknown": {"tls_server_config": {**PAIR, "curve_preferences": ["P9"]}},
    "http2_off": {"http_server_config": {"http2": False}},
}


def compare_all(folder, _, wanted, known, verbose):
    Certificates(folder)
    compared = 0
    for name, site in SITES.items():
        if any(wanted(case) for case, *_ in requests(name, site)):
            compared += compare_site(folder, name, site, wanted, known, verbose)
    for name, configuration in FILES.items():
        if wanted(f"web_file_{name}"):
            compared += 1
            taken = [starts(program, folder, configuration) for program in (exporters.LOOKOUT, exporters.BLACKBOX)]
            if taken[0] != taken[1]:
                judge(known, f"web_file_{name}", Difference("web configuration: {} / {}".format(*("taken" if each else "refused" for each in taken))), verbose)
    return compared


def requests(name, site):
    """(case, path, headers, client's certificate)"""
    for words, headers in site.credentials.items():
        for certificate in site.certificates:
            for title, path in PATHS.items():
                parts = [part for part in (words if len(site.credentials) > 1 else None, certificate and f"as_{certificate}") if part]
                yield "_".join(["web", name, *parts, title]), path, headers, certificate


def compare_site(folder, name, site, wanted, known, verbose):
    pair = exporters.start_with(folder, {"http_2xx": {"prober": "http"}}, [f"--web.config.file={written(folder, site.configuration)}"], awaits_health=False)
    compared = 0
    try:
        for case, path, headers, certificate in requests(name, site):
            if not wanted(case):
                continue
            compared += 1
            context = client_context(folder, certificate) if site.tls else None
            ours, theirs = (exporter.ask(path, headers=headers, tls=context) for exporter in pair)
            found = [*compare_heads(ours, theirs), *one_sided("header", *(shown(each.headers) for each in (ours, theirs)))]
            if path not in ("/metrics", "/config") and ours.body != theirs.body:
                found.append(Difference(f"body: {ours.body[:200]!r} / {theirs.body[:200]!r}"))
            for difference in found:
                judge(known, case, difference, verbose)
    finally:
        for process in pair:
            process.end()
    return compared


def judge(known, case, difference, verbose):
    known.judge(case, difference.text)
    if verbose:
        print(f"=== {case}: {difference.text}")


def written(folder, configuration):
    path = folder / "web.yml"
    path.write_text(yaml.safe_dump(configuration))
    return path


def starts(program, folder, configuration):
    modules = folder / "modules.yml"
    modules.write_text("modules: {}\n")
    process = exporters.Exporter("web_file", program, modules, folder, [f"--web.config.file={written(folder, configuration)}"], awaits_health=False)
    try:
        return process.ask("/-/healthy").status is not None  # it may listen before it looks at the file
    finally:
        process.end()


def client_context(folder, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(folder / f"{certificate}.pem", folder / f"{certificate}.key")
    return context


def shown(headers):
    return [f"{name.title()}: {value}" for name, value in headers if name.title() not in OTHERS]
