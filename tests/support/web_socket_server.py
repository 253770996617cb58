"""A server of web sockets on 127.0.0.1 that does what a test says, in a thread."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextmanager
def web_socket_server(handler: Handler) -> Iterator[str]:
    """Serve until the block ends; yield the URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runner = web.AppRunner(_application(handler), shutdown_timeout=0.1)

    def within(work: Awaitable[object]) -> None:
        asyncio.run_coroutine_threadsafe(_awaited(work), loop).result(10)

    try:
        within(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        within(site.start())
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}/gremlin"
    finally:
        within(runner.cleanup())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _application(handler: Handler) -> web.Application:
    application = web.Application()
    application.router.add_get("/gremlin", handler)
    return application


async def _awaited(work: Awaitable[object]) -> None:
    await work
