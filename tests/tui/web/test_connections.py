# SPDX-License-Identifier: GPL-2.0-or-later
"""Bounds of connections: silent ones are closed, and above a number there are no more."""

import asyncio
import functools

from tui.web.connections import Connections


class Echo(asyncio.Protocol):
    """Sends back what it gets."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


async def _serve(connections: Connections) -> tuple[asyncio.Server, int]:
    server = await asyncio.get_running_loop().create_server(connections, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


def test_a_connection_that_says_nothing_is_closed_and_one_that_speaks_is_not() -> None:
    async def story() -> None:
        server, port = await _serve(Connections(Echo, silent_s=0.3))
        async with server:
            silent, _writer = await asyncio.open_connection("127.0.0.1", port)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"hello"
            assert await silent.read() == b"", "closed by the server"
            writer.write(b"still here")
            assert await reader.readexactly(10) == b"still here"
            writer.close()

    asyncio.run(asyncio.wait_for(story(), 30))


def test_one_connection_too_many_is_closed_at_once_and_room_is_counted_back() -> None:
    async def story() -> None:
        connections = Connections(Echo, most=2)
        server, port = await _serve(connections)
        connect = functools.partial(asyncio.open_connection, "127.0.0.1", port)
        async with server:
            first, second = await connect(), await connect()
            for reader, writer in (first, second):
                writer.write(b"x")
                assert await reader.readexactly(1) == b"x"
            third, _writer = await connect()
            assert await third.read() == b""
            first[1].close()
            while connections.open > 1:  # noqa: ASYNC110 - the server sees the end some time later
                await asyncio.sleep(0.01)
            reader, writer = await connect()
            writer.write(b"y")
            assert await reader.readexactly(1) == b"y"
            for _reader, each in (second, (reader, writer)):
                each.close()

    asyncio.run(asyncio.wait_for(story(), 30))
