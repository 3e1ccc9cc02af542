"""A client of Typewire's protocol, by PROTOCOL.md: calls, events, rooms, resume, heartbeats.

What it leaves out: HTTP, a queue beyond `maxCalls` (LM-2; the server answers OVERLOADED), and sending in the next
session what the last one's server cannot have seen (CA-6; here it fails with the outcome `not_sent`).
"""

import asyncio
import json
import random
import secrets
from collections import namedtuple

import websockets

from frames import (
    CALL, CLOSE, DRAIN, EVENT, GONE, HELLO, PING, WELCOME, Broken, check_welcome, is_count, parse_message,
)  # fmt: skip
from payloads import UNDEFINED, write_payload
from session import Room, Session

MAX_MESSAGE_BYTES = 1_048_576
CONNECT_TIMEOUT_S = 10
NEVER_AGAIN = {1000, 4000, 4401, 4426}  # close codes after which a client does not come back by itself (CL-5)

# Why a connection ended. `is_final`: somebody ended it, and the session with it (RS-9).
Ending = namedtuple("Ending", "code reason is_final received retry_after_ms", defaults=(None, 0))


class Closed(Exception):
    """The server's close frame, as an Ending."""


class Client:
    """`on`: handlers by the name of the event; what one returns is the ack. `tell`: hears what becomes of the connection."""

    def __init__(self, url, auth=UNDEFINED, window=4_194_304, tell=lambda what, **details: None):
        self.on = {}
        self._url, self._auth, self._window, self._tell = url, auth, window, tell
        self._instance, self._attempt, self._failures = secrets.token_hex(8), 0, 0
        self._wake, self._socket, self._is_closing = asyncio.Event(), None, False
        self._heartbeat = None
        self._new_session()

    def _new_session(self):
        self.session = Session(self.on, self._window, self._wake.set, self._tell)

    def call(self, name, data=UNDEFINED, timeout_ms=None):
        """Sends at once; await what it returns for the result. Raises CallError."""
        return self.session.request(CALL, name, data, timeout_ms)

    def emit(self, name, data=UNDEFINED):
        self.session.send([EVENT, 0, name, 0, *write_payload(data)])

    def emit_with_ack(self, name, data=UNDEFINED, timeout_ms=None):
        return self.session.request(EVENT, name, data, timeout_ms)

    async def join(self, kind, params=UNDEFINED, on=None, on_left=lambda reason: None):
        session = self.session
        room = Room(session, on or {}, on_left)

        def begin(id, result):  # the membership begins where the result stands in the sequence (RM-3)
            room.join, room.number = id, result["room"]
            session.rooms.setdefault(room.number, []).append(room)

        data = {"kind": kind} if params is UNDEFINED else {"kind": kind, "params": params}
        await session.request(CALL, "$join", data, on_result=begin)
        return room

    async def run(self):
        """Connects, again and again, until it is closed or the server says not to come back."""
        while True:
            self._attempt += 1  # RS-4
            ending = await self._connect()
            is_over = self._is_closing or ending.code in NEVER_AGAIN
            cannot_resume = self.session.id and not self.session.secret
            if ending.is_final or is_over or cannot_resume:
                self._lose(ending.reason, ending.received)
            self._tell("lost", code=ending.code, final=ending.is_final)
            if is_over:
                return self.session.lose("no connection will follow")  # what is asked from now on fails at once
            bound_s = min(30, 0.5 * 2**self._failures)  # CL-6
            self._failures = min(self._failures + 1, 10)
            await asyncio.sleep(ending.retry_after_ms / 1000 + random.uniform(0, bound_s))

    async def close(self):
        """Writes what waits, and says goodbye. `run` returns."""
        self._is_closing = True
        if self._socket:
            await self._flush(self._socket)
            await self._end(self._socket, 1000, "closed")

    def _lose(self, why, received=None):
        self.session.lose(why, received)
        self._new_session()

    async def _connect(self):
        """One connection, from its beginning to its end."""
        try:
            socket = await websockets.connect(
                self._url, compression=None, ping_interval=None, close_timeout=1,
                open_timeout=CONNECT_TIMEOUT_S, max_size=MAX_MESSAGE_BYTES,
            )  # fmt: skip
        except (OSError, asyncio.TimeoutError, websockets.WebSocketException) as error:
            return Ending(1006, repr(error), False)
        writer = None
        try:
            batch, length = await asyncio.wait_for(self._greet(socket), CONNECT_TIMEOUT_S)
            self._socket, self._failures = socket, 0
            writer = asyncio.ensure_future(self._write(socket))
            self._receive(batch, length)
            while True:
                self._receive(*parse_message(await self._hear(socket)))
        except Broken as broken:
            await self._end(socket, 4400, str(broken), says_so=writer is not None)
            return Ending(4400, str(broken), writer is not None)
        except Closed as closed:
            await self._end(socket, 1000, "", says_so=False)  # CL-3
            return closed.args[0]._replace(is_final=writer is not None)
        except asyncio.TimeoutError:
            socket.transport.abort()  # nothing can be said on a dead link
            return Ending(4410 if writer else 4408, "nothing was heard of the server", False)
        except websockets.ConnectionClosed:
            return Ending(socket.close_code or 1006, "the link was lost", socket.close_code == 1009)
        finally:
            self._socket = None
            if writer:
                writer.cancel()

    async def _greet(self, socket):
        """Says hello until it is welcomed. Returns what came behind the welcome, and the length of that message."""
        while True:
            hello = {
                "versions": [1, 1], "attempt": self._attempt, "instance": self._instance,
                "window": self._window, "maxMessageBytes": MAX_MESSAGE_BYTES,
            }  # fmt: skip
            hello.update(zip(("auth", "authAnnotations"), write_payload(self._auth)))
            if self.session.secret:
                received = self.session.sequence.received
                hello["resume"] = {"session": self.session.id, "secret": self.session.secret, "received": received}
            await socket.send(json.dumps([[HELLO, hello]]))
            batch, length = parse_message(await socket.recv())
            kind = batch[0][0] if batch else None
            if kind == WELCOME:
                self._attach(batch[0][1])
                return batch[1:], length
            if kind == CLOSE:
                self._control(batch[0])
            if kind != GONE or "resume" not in hello:
                raise Broken("HS-6: hello was answered with neither welcome nor close")
            self._tell("gone")
            self._lose("the server has the session no more", batch[0][1])  # so the next hello asks for none (HS-8)

    def _attach(self, welcome):
        check_welcome(welcome)
        is_resumed = self.session.id is not None
        self.session.attach(welcome)
        self._heartbeat = welcome.get("heartbeat")
        self._wake.set()
        self._tell("welcome", session=welcome["session"], resumed=is_resumed)

    async def _hear(self, socket):
        """The next message. A server that is silent for too long is asked before it is given up (HB-2)."""
        if not self._heartbeat:
            return await socket.recv()
        interval_ms, timeout_ms = self._heartbeat["intervalMs"], self._heartbeat["timeoutMs"]
        try:
            return await asyncio.wait_for(socket.recv(), (interval_ms + timeout_ms / 2) / 1000)
        except asyncio.TimeoutError:
            self.session.owe(PING)
            return await asyncio.wait_for(socket.recv(), timeout_ms / 2 / 1000)

    def _receive(self, batch, length):
        for frame in self.session.receive(batch, length):
            self._control(frame)

    def _control(self, frame):
        kind, *rest = frame
        if kind in (HELLO, WELCOME, GONE):
            raise Broken("HS-3: the handshake is over")
        if kind == DRAIN:
            self._tell("drain", withinMs=rest[0])  # the application begins nothing new (CL-4)
        if kind == CLOSE:
            code, reason, options = rest[:3]
            received, retry_after_ms = ((options or {}).get(name) for name in ("received", "retryAfterMs"))
            received = received if is_count(received) else None  # FR-6
            retry_after_ms = min(retry_after_ms, 86_400_000) if is_count(retry_after_ms) else 0
            raise Closed(Ending(code, reason, True, received, retry_after_ms))

    async def _write(self, socket):
        try:
            while True:
                await self._wake.wait()
                await self._flush(socket)
        except websockets.ConnectionClosed:
            pass  # whoever reads is told too

    async def _flush(self, socket):
        self._wake.clear()
        while texts := self.session.next_message():
            await socket.send(f"[{','.join(texts)}]")

    async def _end(self, socket, code, reason, says_so=True):
        try:
            if says_so:
                await socket.send(json.dumps([[CLOSE, code, reason, 0]]))  # CL-1
            await socket.close(code, reason[:120])
        except websockets.ConnectionClosed:
            pass  # the link was lost meanwhile
