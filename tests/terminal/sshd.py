"""A throw-away sshd on loopback with keys of its own; the system's configuration is not touched."""

import getpass
import socket
import subprocess
import time
from pathlib import Path

from tests.patience import PATIENCE_S
from tests.require import need_program


class Sshd:
    """Lets the user who runs the test log in with a key made here; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        server = need_program("sshd", "openssh-server")
        keygen = need_program("ssh-keygen", "openssh-client")
        folder.mkdir(parents=True, exist_ok=True)
        Path("/run/sshd").mkdir(exist_ok=True) if getpass.getuser() == "root" else None
        for name in ("host_key", "user_key"):
            subprocess.run(
                [keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True
            )
        (folder / "authorized").write_text((folder / "user_key.pub").read_text())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (folder / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\n"
            f"PidFile none\nAuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            "PermitRootLogin prohibit-password\nAcceptEnv LANG LC_*\nPrintMotd no\n"
        )
        host_key = (folder / "host_key.pub").read_text().split()[:2]
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {' '.join(host_key)}\n")
        self.command = [
            need_program("ssh", "openssh-client"), "-F", "/dev/null", "-tt", "-p", str(self.port),
            "-i", str(folder / "user_key"), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
            "-o", f"UserKnownHostsFile={folder / 'known_hosts'}", "-o", "StrictHostKeyChecking=yes",
            f"{getpass.getuser()}@127.0.0.1",
        ]  # fmt: skip
        self._server = subprocess.Popen(
            [server, "-D", "-f", str(folder / "sshd_config"), "-E", str(folder / "log")],
            stdin=subprocess.DEVNULL,
        )
        self._wait_until_listening()

    def __enter__(self) -> "Sshd":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait(PATIENCE_S)

    def _wait_until_listening(self) -> None:
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < end and self._server.poll() is None, "sshd did not start"
                time.sleep(0.05)
