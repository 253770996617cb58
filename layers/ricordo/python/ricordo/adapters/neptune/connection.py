import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any, TypeVar
from uuid import uuid4

import aiohttp
from gremlin_python.driver.request import RequestMessage
from gremlin_python.driver.serializer import GraphBinarySerializersV1
from gremlin_python.process.traversal import Bytecode

from ricordo.adapters.neptune.errors import ConnectionLostError, HandshakeRefusedError, TraversalRefusedError, code_of

_MAX_FRAME_BYTES = 10 * 1024 * 1024
_FAREWELL_S = 0.2
_SERVER_SHARE_MS = 900  # of a second, so that its answer that time is up still arrives
_DONE, _EMPTY, _MORE = 200, 204, 206

Answer = TypeVar("Answer")


class Connection:
    """One web socket to a Gremlin server, for one thread at a time.

    It speaks the driver's wire format without the driver's client, which waits without a limit, hands out
    connections that are broken, and writes what servers say into the log, names included.
    """

    def __init__(self, url: str, headers: Mapping[str, str], *, timeout_s: float) -> None:
        """Open the connection.

        Raises:
            HandshakeRefusedError: the server does not want it.
            TimeoutError: it did not answer in time.
            OSError: it cannot be reached; so says aiohttp.ClientError too.
        """
        self._serializer = GraphBinarySerializersV1()
        self._loop = asyncio.new_event_loop()
        try:
            self._run(self._open(url, headers), timeout_s)
        except aiohttp.WSServerHandshakeError as error:
            self._loop.close()
            raise HandshakeRefusedError(error.status) from None  # the error holds the signed headers
        except BaseException:
            self._loop.close()
            raise

    async def _open(self, url: str, headers: Mapping[str, str]) -> None:
        self._session = aiohttp.ClientSession()
        try:
            self._socket = await self._session.ws_connect(url, headers=headers, max_msg_size=_MAX_FRAME_BYTES)
        except BaseException:
            await self._session.close()
            raise

    def ask(self, bytecode: Bytecode, *, timeout_s: float) -> list[Any]:
        """Run a traversal and return what it yields; the server stops it a little before the time limit.

        Raises:
            TraversalRefusedError: the server refused it.
            ConnectionLostError: there is no server at the other end any more.
            TimeoutError: it did not answer in time; after that, too, the connection is of no more use.
        """
        limit_ms = max(1, int(timeout_s * _SERVER_SHARE_MS))
        told = {"gremlin": bytecode, "aliases": {"g": "g"}, "evaluationTimeout": limit_ms}
        message = self._serializer.serialize_message(str(uuid4()), RequestMessage("traversal", "bytecode", told))
        try:
            return self._run(self._exchange(message), timeout_s)
        except TimeoutError:  # also an OSError
            raise
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLostError from error

    async def _exchange(self, message: bytes) -> list[Any]:
        await self._socket.send_bytes(message)
        yielded: list[Any] = []
        while True:
            frame = await self._socket.receive()
            if frame.type is not aiohttp.WSMsgType.BINARY:
                raise ConnectionLostError
            answer = self._serializer.deserialize_message(frame.data)
            status = answer["status"]
            if status["code"] not in {_DONE, _EMPTY, _MORE}:
                raise TraversalRefusedError(code_of(status))
            for traverser in answer["result"]["data"] or ():
                yielded += [traverser.object] * traverser.bulk
            if status["code"] != _MORE:
                return yielded

    def close(self) -> None:
        """Take leave of the server, but do not wait for one that is not listening."""
        if self._loop.is_closed():
            return
        try:
            with suppress(TimeoutError, OSError, aiohttp.ClientError):
                self._run(self._take_leave(), _FAREWELL_S)
        finally:
            self._loop.close()

    async def _take_leave(self) -> None:
        try:
            await self._socket.close()
        finally:
            await self._session.close()

    def _run(self, work: Coroutine[Any, Any, Answer], timeout_s: float) -> Answer:
        return self._loop.run_until_complete(asyncio.wait_for(work, timeout_s))
