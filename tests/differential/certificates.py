"""Certificates that servers show, made anew in each run: good ones, and every way to be wrong."""

import ssl
import subprocess

# name -> (extensions, subject, first day, last day as openssl ca has them, further words)
LEAVES = {
    "server": ("subjectAltName=DNS:localhost,DNS:*.example.test,IP:127.0.0.1,IP:::1", "/CN=server", None, None, []),
    "names": ("subjectAltName=DNS:one.example,DNS:localhost,IP:127.0.0.1,DNS:three.example",
              "/C=DE/ST=Here/L=Town/O=Some, Org+OU=A/OU=B/CN=na\\+me<with> \"signs\"/serialNumber=77/emailAddress=me@example.org",
              None, None, []),
    "expired": ("subjectAltName=DNS:localhost,IP:127.0.0.1", "/CN=expired", "200101000000Z", "210101000000Z", []),
    "early": ("subjectAltName=DNS:localhost,IP:127.0.0.1", "/CN=early", "400101000000Z", "410101000000Z", []),
    "other": ("subjectAltName=DNS:elsewhere.example", "/CN=localhost", None, None, []),
    "nameless": ("basicConstraints=CA:false", "/CN=localhost", None, None, []),
    "sha1": ("subjectAltName=DNS:localhost,IP:127.0.0.1", "/CN=sha1", None, None, ["-md", "sha1"]),
    "client": ("extendedKeyUsage=clientAuth", "/CN=client", None, None, []),
    "for_clients": ("extendedKeyUsage=clientAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1", "/CN=for clients", None, None, []),
}
AUTHORITY = """
[ca]
default_ca = here
[here]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
default_days = 30
policy = any
unique_subject = no
copy_extensions = none
[any]
countryName = optional
stateOrProvinceName = optional
localityName = optional
organizationName = optional
organizationalUnitName = optional
commonName = supplied
serialNumber = optional
emailAddress = optional
"""


class Certificates:
    def __init__(self, folder):
        self.folder = folder
        self._make_authorities()
        for name in LEAVES:
            self._make_leaf(name)
        self._make_chain()
        (folder / "not_a_certificate.pem").write_text("nothing\n")

    def path(self, name):
        return self.folder / name

    def server(self, name="server", protocols=(), lowest=None, highest=None, ciphers=None, client_authority=None):
        """What a TLS server of a listener is made of."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(ciphers or "DEFAULT:@SECLEVEL=0")  # what is refused is the client's to refuse
        context.load_cert_chain(self.path(f"{name}.pem"), self.path(f"{name}.key"))
        if protocols:
            context.set_alpn_protocols(list(protocols))
        if lowest:
            context.minimum_version = lowest
        if highest:
            context.maximum_version = highest
        if client_authority:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.path(client_authority))
        return context

    def _openssl(self, *words):
        done = subprocess.run(["openssl", *map(str, words)], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {' '.join(map(str, words))}: {done.stderr}")

    def _key(self, name, kind="ec"):
        parameters = ["rsa_keygen_bits:2048"] if kind == "rsa" else ["ec_paramgen_curve:P-256"]
        self._openssl("genpkey", "-algorithm", kind, "-pkeyopt", *parameters, "-out", f"{name}.key")

    def _make_authorities(self):
        (self.folder / "authority.cnf").write_text(AUTHORITY.format(folder=self.folder))
        (self.folder / "index").write_text("")
        (self.folder / "serial").write_text("0BFF1234567890ABCDEF\n")
        for name, days in (("ca", 60), ("stranger", 60)):
            self._key(name)
            self._openssl("req", "-x509", "-key", f"{name}.key", "-out", f"{name}.pem", "-days", days, "-subj", f"/CN={name}")

    def _make_leaf(self, name):
        extensions, subject, start, end, words = LEAVES[name]
        (self.folder / f"{name}.ext").write_text(extensions + "\n")
        self._key(name, "rsa" if name == "names" else "ec")
        self._openssl("req", "-new", "-key", f"{name}.key", "-subj", subject, "-multivalue-rdn", "-out", f"{name}.csr")
        dates = ["-startdate", start, "-enddate", end] if start else []
        self._openssl("ca", "-batch", "-notext", "-preserveDN", "-config", "authority.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", f"{name}.csr",
                      "-extfile", f"{name}.ext", "-out", f"{name}.pem", *dates, *words)

    def _make_chain(self):
        """One key as two roots of the same name: `long` outlives the leaf, `short` does not. The server sends leaf and short."""
        self._key("root")
        for name, days in (("long", 30), ("short", 2)):
            self._openssl("req", "-x509", "-key", "root.key", "-out", f"{name}.pem", "-days", days, "-subj", "/CN=Two roots")
        self._key("chain")
        (self.folder / "chain.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        self._openssl("req", "-new", "-key", "chain.key", "-subj", "/CN=chain", "-out", "chain.csr")
        self._openssl("x509", "-req", "-in", "chain.csr", "-CA", "long.pem", "-CAkey", "root.key", "-days", 10, "-set_serial", 5,
                      "-extfile", "chain.ext", "-out", "chain.leaf")
        text = {each: self.path(each).read_text() for each in ("chain.leaf", "long.pem", "short.pem")}
        self.path("chain.pem").write_text(text["chain.leaf"] + text["short.pem"])
        self.path("both_roots.pem").write_text(text["long.pem"] + text["short.pem"])
