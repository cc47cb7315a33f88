"""Whose port it is: sockets and processes of the test's own."""

import os
import socket
import subprocess
import sys

import pytest

from console.sources.listening import belonging, port_here

SERVE = """
import socket, subprocess, sys
listening = socket.create_server(("127.0.0.1", 0))
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
print(listening.getsockname()[1], child.pid, flush=True)
input()
child.stdin.close()
child.wait()
"""


@pytest.fixture
def server():
    """A process that listens, and a child of it: the port, and the pids of both."""
    process = subprocess.Popen([sys.executable, "-c", SERVE], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)  # fmt: skip
    port, child = map(int, process.stdout.readline().split())
    yield port, process.pid, child
    process.communicate("\n")


def test_a_server_and_its_children_belong_to_its_port(server):
    port, parent, child = server
    pids = {parent, child, os.getpid(), 2**22 + 7}
    assert belonging(pids, port) == {parent, child}


def test_a_port_that_is_only_connected_to_is_not_ones_own(server):
    port, parent, _ = server
    with socket.create_connection(("127.0.0.1", port)) as connected:
        assert belonging({os.getpid()}, port) == frozenset()
        assert belonging({parent, os.getpid()}, connected.getsockname()[1]) == frozenset()


def test_one_that_listens_on_both_families_is_found():
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listening:
        assert belonging({os.getpid()}, listening.getsockname()[1]) == {os.getpid()}


def test_nothing_listens_and_nothing_reads(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert belonging({os.getpid()}, port) == frozenset()
    assert belonging({1}, 80, tmp_path) == frozenset()


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://127.0.0.1:8000/v1", 8000), ("http://localhost:11434", 11434), ("[::1]:99", 99),
        ("127.0.0.1:8000", 8000), ("http://127.0.0.1", 80), ("https://localhost/v1", 443),
        ("http://box7:8000", None), ("http://127.0.0.1:99999", None), ("http://[", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_port_of_an_address_on_this_machine(url, port):
    assert port_here(url) == port
