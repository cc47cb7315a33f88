"""A child that was started without asyncio, as asyncio has its own."""

import asyncio
import os

from console.sources.gpu.early import EarlyReader


class Adopted:
    """What is used here of `asyncio.subprocess.Process`."""

    def __init__(self, pid: int, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self.returncode: int | None = None
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        self._sign = os.pidfd_open(pid)
        loop.add_reader(self._sign, self._reap)

    async def wait(self) -> int:
        """Its exit code, once it has ended; a signal's number below zero."""
        await asyncio.shield(self._ended)
        assert self.returncode is not None
        return self.returncode

    def _reap(self) -> None:
        asyncio.get_running_loop().remove_reader(self._sign)
        os.close(self._sign)
        try:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        except ChildProcessError:
            self.returncode = 255
        self._ended.set_result(None)


async def adopt(early: EarlyReader, limit: int) -> Adopted:
    """Take it over; what was heard of it is heard again. Lines are at most `limit` bytes."""
    loop = asyncio.get_running_loop()
    heard, unused = asyncio.StreamReader(limit=limit), asyncio.StreamReader()
    heard.feed_data(early.heard)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(heard), os.fdopen(early.lines, "rb", 0)
    )
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(unused), os.fdopen(early.orders, "wb", 0)
    )
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    return Adopted(early.pid, writer, heard)
