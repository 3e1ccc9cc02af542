"""Connections, one after the other: the handshake, the heartbeat, and when to come back (HS, HB, RS, CL)."""

from __future__ import annotations

import asyncio
import inspect
import random
import secrets
from dataclasses import dataclass, replace
from typing import Any, Optional
from urllib.parse import urlsplit, urlunsplit

from websockets.exceptions import ConnectionClosed, WebSocketException

import websockets

from .errors import Broken
from .frames import CLOSE, GONE, HELLO, PING, WELCOME, Frame, check_welcome, is_count, parse_message
from .payloads import to_json, write_payload
from .session import Session
from .values import UNDEFINED

CONNECT_TIMEOUT_S = 10
WINDOW = 4_194_304
NEVER_AGAIN = {1000, 4000, 4401, 4426}  # CL-5
_connect: Any = getattr(websockets, "connect")


@dataclass(frozen=True)
class Ending:
    """Why a connection ended. `is_final`: somebody ended it, and the session with it (RS-9)."""

    code: int
    reason: str
    is_final: bool = False
    received: Optional[int] = None
    retry_after_ms: int = 0
    url: Optional[str] = None


class _Closed(Exception):
    """The server's close frame, as an Ending."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending


def socket_url(url: str) -> str:
    """`http:` is `ws:`, and a path that is missing is the server's usual one."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    if scheme not in ("ws", "wss") or not parts.netloc:
        raise ValueError(f"{url!r} is no URL of a server: give ws://…, wss://…, http://… or https://….")
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") or "/typewire", parts.query, ""))


class Connector:
    """Keeps a client connected. `client`: who owns the session, and is told what becomes of the connection."""

    def __init__(self, client: Any, url: str, auth: Any, options: Any) -> None:
        self.is_open = self.is_blocked = False
        self._client, self._auth, self._options = client, auth, options
        self._first_url = self._url = socket_url(url)
        self._instance, self._attempt, self._failures = secrets.token_hex(8), 0, 0
        self._wake = asyncio.Event()
        self._socket: Any = None
        self._is_closing = False
        self._heartbeat: Any = None
        self._route: Optional[str] = None
        self._notice: Optional[str] = None

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> Ending:
        """Connects, again and again, until it is closed or the server says not to come back."""
        loop = asyncio.get_running_loop()
        lost_at = loop.time()
        while True:
            session = self._client.session
            if session is not None and (loop.time() - lost_at) * 1000 > session.resume_window_ms:
                self._client.lose("it was without a connection for too long")  # RS-1
            self._attempt += 1  # RS-4
            self._client.on_connecting()
            ending = await self._connect()
            if self.is_open:
                lost_at, self.is_open = loop.time(), False
            session = self._client.session
            is_over = self._is_closing or (ending.code in NEVER_AGAIN)
            if session is not None and (ending.is_final or is_over or not session.secret):
                self._client.lose(ending.reason, ending.received, is_refused=ending.code in (4400, 1009))
            if is_over:
                return ending
            self._client.on_lost(ending)
            self._url = ending.url or (self._url if self._client.session is not None else self._first_url)  # CL-7
            bound_s = min(self._options.max_delay_s, self._options.min_delay_s * 2**self._failures)  # CL-6
            self._failures = min(self._failures + 1, 16)
            await asyncio.sleep(ending.retry_after_ms / 1000 + random.uniform(0, bound_s))

    async def close(self) -> None:
        """Writes what waits, and says goodbye. `run` returns."""
        self._is_closing = True
        if self._socket is not None and self.is_open:
            await self._flush(self._socket)
            await self._end(self._socket, 1000, "closed")

    async def _connect(self) -> Ending:
        """One connection, from its beginning to its end."""
        try:
            credentials = self._auth() if callable(self._auth) else self._auth
            if inspect.isawaitable(credentials):
                credentials = await credentials
        except Exception as error:
            self._client.report(error, "the credentials could not be had")
            return Ending(1006, f"the credentials could not be had: {error!r}")
        ssl = {} if self._options.ssl is None else {"ssl": self._options.ssl}
        try:
            socket = await _connect(
                self._url, compression=None, ping_interval=None, close_timeout=1,
                open_timeout=CONNECT_TIMEOUT_S, max_size=self._options.max_message_bytes, **ssl,
            )  # fmt: skip
        except (OSError, asyncio.TimeoutError, WebSocketException) as error:
            return Ending(1006, f"{type(error).__name__}: {error}")
        writer = None
        try:
            batch, length = await asyncio.wait_for(self._greet(socket, credentials), CONNECT_TIMEOUT_S)
            self._socket, self._failures, self.is_open = socket, 0, True
            writer = asyncio.ensure_future(self._write(socket))
            self._receive(batch, length)
            while True:
                self._receive(*parse_message(await self._hear(socket)))
        except Broken as broken:
            await self._end(socket, 4400, str(broken), says_so=writer is not None)
            return Ending(4400, str(broken), writer is not None)
        except _Closed as closed:
            await self._end(socket, 1000, "", says_so=False)  # CL-3
            # A session whose credentials have expired goes on with others (RS-9).
            return replace(closed.ending, is_final=writer is not None and closed.ending.code != 4419)
        except asyncio.TimeoutError:
            socket.transport.abort()  # nothing can be said on a dead link
            return Ending(4410 if writer else 4408, "nothing was heard of the server")
        except ConnectionClosed as closed_by:
            return self._ending_of(closed_by)
        finally:
            self._socket, self.is_blocked = None, False
            if writer is not None:
                writer.cancel()
            if self._client.session is not None:
                self._client.dropped += self._client.session.drop_volatile()

    def _ending_of(self, closed: Any) -> Ending:
        session = self._client.session
        if session is not None and session.has_overflown:
            return Ending(4429, "more waits for the server than is kept", True)
        frame = closed.rcvd or closed.sent
        code = frame.code if frame is not None else 1006
        return Ending(code, getattr(frame, "reason", "") or "the link was lost", code == 1009)

    async def _greet(self, socket: Any, credentials: Any) -> tuple[list[Frame], int]:
        """Says hello until it is welcomed. Gives what came behind the welcome, and the length of that message."""
        contract = self._client.contract
        while True:
            hello: dict[str, Any] = {
                "versions": [1, 1], "attempt": self._attempt, "instance": self._instance, "window": WINDOW,
                "maxMessageBytes": self._options.max_message_bytes, "contract": contract.fingerprint,
            }  # fmt: skip
            auth = write_payload(UNDEFINED if credentials is None else credentials, contract.auth, contract.forms)
            if auth.parts:
                raise ValueError("Credentials hold no bytes (PL-9).")
            hello.update(zip(("auth", "authAnnotations"), auth.elements))
            if self._route is not None:
                hello["route"] = self._route
            session = self._client.session
            if session is not None and session.secret:
                hello["resume"] = {"session": session.id, "secret": session.secret, "received": session.sequence.received}
            await socket.send(to_json([[HELLO, hello]]))
            batch, length = parse_message(await socket.recv())
            kind = batch[0][0] if batch else None
            if kind == WELCOME:
                self._attach(batch[0][1])
                return batch[1:], length
            if kind == CLOSE:
                self._control(batch[0])
            if kind != GONE or "resume" not in hello:
                raise Broken("HS-6: hello was answered with neither welcome nor close")
            self._client.lose("the server has the session no more", batch[0][1])  # so the next hello asks for none (HS-8)

    def _attach(self, welcome: dict[str, Any]) -> None:
        check_welcome(welcome)
        self._heartbeat = welcome.get("heartbeat")
        self._route = welcome.get("route", self._route)
        notice = welcome.get("notice")
        if isinstance(notice, str) and notice != self._notice:  # HS-9
            self._notice = notice
            self._client.report(None, f"the contract has changed: {notice}")
        session = self._client.session
        self.is_open = True
        if session is None:
            self._client.begin(Session(self._client, welcome, WINDOW, self.wake))
        else:
            session.attach(welcome)
            self._client.on_resumed()
        self._wake.set()

    async def _hear(self, socket: Any) -> Any:
        """The next message. A server that is silent for too long is asked before it is given up (HB-2)."""
        if not self._heartbeat:
            return await socket.recv()
        interval_ms, timeout_ms = self._heartbeat["intervalMs"], self._heartbeat["timeoutMs"]
        try:
            return await asyncio.wait_for(socket.recv(), (interval_ms + timeout_ms / 2) / 1000)
        except asyncio.TimeoutError:
            self._client.session.owe(PING)
            return await asyncio.wait_for(socket.recv(), timeout_ms / 2 / 1000)

    def _receive(self, batch: list[Frame], length: int) -> None:
        for frame in self._client.session.receive(batch, length):
            self._control(frame)

    def _control(self, frame: Frame) -> None:
        kind, *rest = frame
        if kind in (HELLO, WELCOME, GONE):
            raise Broken("HS-3: the handshake is over")
        if kind == CLOSE:
            code, reason, options = rest[:3]
            said = options or {}
            received = said["received"] if is_count(said.get("received")) else None  # FR-6
            wait_ms = min(said["retryAfterMs"], 86_400_000) if is_count(said.get("retryAfterMs")) else 0
            raise _Closed(Ending(code, reason, False, received, wait_ms, self._elsewhere(said.get("url"))))

    def _elsewhere(self, url: Any) -> Optional[str]:
        """Where to connect from now on; who came by TLS does not go without (CL-7)."""
        try:
            given = socket_url(url) if isinstance(url, str) and url.startswith(("http://", "https://")) else None
        except ValueError:
            return None
        return None if given and given.startswith("ws:") and self._first_url.startswith("wss:") else given

    async def _write(self, socket: Any) -> None:
        try:
            while True:
                await self._wake.wait()
                if self._client.session is not None and self._client.session.has_overflown:
                    return await self._end(socket, 4429, "more waits for the server than is kept")
                await self._flush(socket)
        except ConnectionClosed:
            pass  # whoever reads is told too

    async def _flush(self, socket: Any) -> None:
        self._wake.clear()
        session = self._client.session
        while session is not None:
            message = session.next_message()
            if message is None:
                return
            self.is_blocked = True
            await socket.send(message)
            self.is_blocked = False

    async def _end(self, socket: Any, code: int, reason: str, says_so: bool = True) -> None:
        try:
            if says_so:
                await socket.send(to_json([[CLOSE, code, reason[:1024], 0]]))  # CL-1
            await socket.close(code, "".join(sign if " " <= sign <= "~" else "?" for sign in reason)[:123])
        except ConnectionClosed:
            pass  # the link was lost meanwhile
