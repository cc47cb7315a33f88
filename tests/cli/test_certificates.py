"""Servers whose certificate cannot be trusted: told in a sentence, and nothing is sent."""

import ssl
import subprocess
import threading
from contextlib import suppress
from socket import create_server

import pytest

from tests.require import need_program


@pytest.fixture
def encrypted(tmp_path):
    """Start a server behind a certificate for a name; its port, and what was sent to it."""
    openssl = need_program("openssl", "openssl")
    listening, received = [], []

    def serve(server, context):
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                received.append(secure.recv(100))

    def start(name):
        key, certificate = tmp_path / f"{name}.key", tmp_path / f"{name}.crt"
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext",
             f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = create_server(("127.0.0.1", 0))
        listening.append(server)
        threading.Thread(target=serve, args=[server, context], daemon=True).start()
        return f"https://localhost:{server.getsockname()[1]}", str(certificate)

    start.received = received
    yield start
    for server in listening:
        server.close()


KINDS = ("ollama", "openai", "anthropic")


def tier(environment, name, kind, address):
    environment |= {
        f"LLMCONSOLE_TIERS_{name}_KIND": kind,
        f"LLMCONSOLE_TIERS_{name}_BASE_URL": address,
        f"LLMCONSOLE_TIERS_{name}_MODEL": "m",
        f"LLMCONSOLE_TIERS_{name}_KEY_ENV": "SOME_KEY",
        "SOME_KEY": "a-key-of-the-operator",
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["LOCAL", "API"])
def test_a_certificate_that_nobody_has_signed(run, environment, encrypted, name, kind):
    address, _ = encrypted("localhost")
    tier(environment, name, kind, address)
    asked = run("ask", "--tier", name.lower(), "--pin" if name == "LOCAL" else "--yes", "hi")
    assert asked.code == 1 and asked.err.count("llmconsole: ") == 1, asked.err
    assert "cannot be trusted: nobody but itself has signed its certificate." in asked.err
    assert "Nothing was sent." in asked.err and "SSL_CERT_FILE" in asked.err
    assert not any(encrypted.received)


@pytest.mark.parametrize("kind", KINDS)
def test_a_certificate_of_another_name(run, environment, encrypted, kind):
    address, certificate = encrypted("other.example")
    tier(environment, "API", kind, address)
    environment["SSL_CERT_FILE"] = certificate
    asked = run("ask", "--tier", "api", "hi")
    assert asked.code == 1 and "not valid for 'localhost'" in asked.err
    assert "set tiers.api.base_url to the name in it" in asked.err and not any(encrypted.received)


@pytest.mark.parametrize("kind", KINDS)
def test_certificates_that_are_not_there(run, environment, encrypted, tmp_path, kind):
    address, _ = encrypted("localhost")
    tier(environment, "API", kind, address)
    environment["SSL_CERT_FILE"] = str(tmp_path / "none.crt")
    asked = run("ask", "--tier", "api", "hi")
    assert asked.code == 1 and "SSL_CERT_FILE" in asked.err and "No such file" in asked.err


def test_doctor_says_so_too(run, environment, encrypted):
    address, _ = encrypted("localhost")
    tier(environment, "LOCAL", "ollama", address)
    assert "nobody but itself has signed its certificate" in run("doctor").out
