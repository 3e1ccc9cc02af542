"""The client that generated ones are made of: what it asks waits here for a session, and goes on in the next.

Longer than other files: what waits, what a lost session leaves and what is closed with a namespace are one state.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from typing import Any, Callable, Deque, Optional, TypeVar

from .connection import WINDOW, Connector, Ending
from .contract import Contract, Event, Procedure
from .errors import TypewireError, Unreadable
from .forms import Form
from .frames import CALL, EVENT, ROOM_EVENT, VOLATILE, is_count
from .hearers import Handler, Hearers
from .payloads import NOTHING, Payload, read_payload, to_json, write_payload
from .requests import Request
from .rooms import Presence, Room
from .session import Session
from .streams import CREDIT_ITEMS, Reader, Stream, Upload
from .values import UNDEFINED

MAX_REQUESTS = 10_000
CLOSE_TIMEOUT_S = 2
log = logging.getLogger("typewire")
Self = TypeVar("Self", bound="Client")
AnyRoom = TypeVar("AnyRoom", bound="Room[Any]")


@dataclass(frozen=True)
class Options:
    """`timeout_s`: of calls whose caller gives none (None: what the server allows). `connect_timeout_s`: how long `async with`
    waits for the first connection. `min_delay_s`, `max_delay_s`: bounds of the random wait before it connects again, which
    doubles with each failure. `max_message_bytes`: the largest message that is taken. `ssl`: an ssl.SSLContext.
    `on_status`: told "connecting", "open", "resumed", "lost" and "closed", with the reason. `on_error`: told of what nobody
    awaits, such as a handler that fails; by default it is logged."""

    timeout_s: Optional[float] = 30
    connect_timeout_s: float = 30
    min_delay_s: float = 0.5
    max_delay_s: float = 30
    max_message_bytes: int = 1_048_576
    ssl: Any = None
    on_status: Optional[Callable[[str, str], object]] = None
    on_error: Optional[Callable[[Optional[BaseException], str], object]] = None


class Scope:
    """The root of a contract, or a namespace of it. `prefix`: what stands before its names on the wire (NS-1)."""

    def __init__(self, client: "Client", path: str, auth: Form = None) -> None:
        self.client, self.path, self.prefix = client, path, f"{path}/" if path else ""
        self.hearers = Hearers(lambda name: client.report(None, f"an event {name} came before its handler, and was dropped"))
        self.waiting: Deque[Request] = deque()
        self.state = "closed" if path else "open"
        self.identity: Any = None
        self.credentials: Any = None
        self.auth = auth

    def contains(self, path: str) -> bool:
        return path == self.path or path.startswith(self.prefix)


class Client:
    """`async with` connects it, and closes it. Made inside a running event loop."""

    contract: Contract

    def __init__(self, contract: Contract, url: str, auth: Any, options: Optional[Options]) -> None:
        self.contract, self.forms, self.options = contract, contract.forms, options or Options()
        self.session: Optional[Session] = None
        self.last_id = self.dropped = 0
        self._connector = Connector(self, url, auth, self.options)
        self._scopes = {"": Scope(self, "")}
        for path, form in contract.namespaces.items():
            self._scopes[path] = Scope(self, path, form)
        self._outbox: Deque[Request] = deque()
        self._rooms: list[Room[Any]] = []
        self._presence: dict[int, Presence] = {}
        self._lost_identity: Any = UNDEFINED
        self._run: Optional["asyncio.Task[None]"] = None
        self._opened = asyncio.Event()
        self._closed: Optional[TypewireError] = None
        self._tasks: set["asyncio.Task[None]"] = set()
        self._is_closing = False
        self._last_reason = "no connection yet"

    # Beginning and end

    async def __aenter__(self: Self) -> Self:
        """Raises UNAUTHORIZED where the server refuses the credentials, TIMED_OUT where it cannot be reached."""
        self._run = asyncio.ensure_future(self._keep_connected())
        try:
            await asyncio.wait_for(self._opened.wait(), self.options.connect_timeout_s)
        except asyncio.TimeoutError:
            await self.close()
            within = f"within {self.options.connect_timeout_s} s"
            raise TypewireError("TIMED_OUT", f"no connection {within}: {self._last_reason}", outcome="not_sent") from None
        except asyncio.CancelledError:
            await self.close()
            raise
        if self._closed is not None:
            raise self._closed
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Sends what waits, and ends the session. What has no answer by then fails with CLOSED."""
        if self._run is None:
            return
        self._is_closing = True
        was_open = self._connector.is_open
        await self._connector.close()
        if was_open:  # the server's last word says what it has received (CL-2)
            await asyncio.wait({self._run}, timeout=CLOSE_TIMEOUT_S)
        self._run.cancel()
        try:
            await self._run
        except asyncio.CancelledError:
            pass
        self._finish(TypewireError("CLOSED", "This client was closed."))

    @property
    def is_open(self) -> bool:
        """Whether there is a connection at the moment."""
        return self._connector.is_open and self.session is not None

    @property
    def has_session(self) -> bool:
        return self.session is not None

    async def _keep_connected(self) -> None:
        try:
            ending = await self._connector.run()
        except Exception as error:
            self._finish(TypewireError("INTERNAL", f"This client has failed: {error!r}"))
            self.report(error, "this client has failed")
            return
        if self._is_closing:
            return self._finish(TypewireError("CLOSED", "This client was closed."))
        code = "UNAUTHORIZED" if ending.code == 4401 else "CLOSED"
        reason = {4401: "the server refused the credentials", 4426: "this client and the server do not fit"}.get(ending.code, "")
        self._finish(TypewireError(code, f"{reason or 'the connection is closed'} ({ending.code}): {ending.reason}"))

    def _finish(self, error: TypewireError) -> None:
        if self._closed is not None:
            return
        self._closed = error
        if self.session is not None:
            self.lose(error.message)
        for room in list(self._rooms):
            room.end_by(error.message)
        for scope in self._scopes.values():
            self._fail_all(scope.waiting, error)
        self._fail_all(self._outbox, error)
        self._opened.set()
        self._status("closed", error.message)

    def _fail_all(self, queue: Deque[Request], error: TypewireError) -> None:
        while queue:
            request = queue.popleft()
            request.place = None
            request.fail(error)

    # What the connector tells

    def on_connecting(self) -> None:
        self._status("connecting", "")

    def on_lost(self, ending: Ending) -> None:
        self._last_reason = ending.reason
        self._status("lost", f"{ending.reason} ({ending.code})")

    def on_resumed(self) -> None:
        self._status("resumed", "")

    def begin(self, session: Session) -> None:
        """There is a new session."""
        self.session = session
        is_another = self._lost_identity is not UNDEFINED and self._lost_identity != session.identity  # RS-10
        self._lost_identity = UNDEFINED
        if is_another:
            error = TypewireError("SESSION_LOST", "The server takes this client for another one now.", outcome="not_sent")
            for queue in [self._outbox, *(scope.waiting for scope in self._scopes.values())]:
                self._fail_all(queue, error)
            for room in list(self._rooms):
                room.end_by("the server takes this client for another one now")
        for path, scope in sorted(self._scopes.items()):
            if scope.state == "opening":
                self._start_reopening(scope)
        for room in list(self._rooms):
            room.start()
        self._flush(self._outbox)
        self._opened.set()
        self._status("open", "")

    def lose(self, why: str, received: Optional[int] = None, is_refused: bool = False) -> None:
        """The session is over, and so is all that was asked in it (CA-6). Some of it is asked again in the next."""
        session, self.session = self.session, None
        if session is None:
            return
        self._lost_identity = session.identity
        sequence = session.sequence
        seen = sequence.written if received is None else min(received, sequence.written)
        carried = self._carry(session, seen, received is not None, why, is_refused)
        self._presence.clear()
        session.stop_handlers()
        for room in self._rooms:
            room.lose()
        for scope in self._scopes.values():
            if scope.path and scope.state != "closed":
                scope.state = "opening"
        for request in reversed([*carried, *session.waiting]):
            request.place = self._outbox
            self._outbox.appendleft(request)

    def _carry(self, session: Session, seen: int, is_told: bool, why: str, is_refused: bool) -> list[Request]:
        """What of a lost session may be sent in the next one; the rest fails. `is_told`: the server has said what it had seen."""
        sequence = session.sequence
        numbered = {number: entry.request for number, entry in enumerate(sequence.kept, sequence.acknowledged + 1) if entry.request}
        asked = {request.number: request for request in session.asked.values()}
        carried, lost_events = [], 0
        for number, request in sorted({**numbered, **asked}.items()):
            if request.future is None:
                if number > seen:
                    carried.append(request)
                elif not is_told:
                    lost_events += 1
                continue
            if request.is_over or request.id not in session.asked:
                continue
            is_not_sent = number > seen
            outcome = "not_sent" if is_not_sent else "unknown"
            may_repeat = not is_refused and not request.is_internal
            if may_repeat and request.reader is not None and request.upload is None and (is_not_sent or request.reader.last_key or request.is_idempotent):
                request.options = request.reader.call_again() if not is_not_sent else request.options
                carried.append(request)
            elif may_repeat and is_not_sent and (request.upload is None or not request.upload.has_begun):
                carried.append(request)
            elif may_repeat and request.is_idempotent and request.reader is None and request.upload is None:
                request.options.setdefault("again", request.id)  # CA-10
                carried.append(request)
            else:
                code = "CLOSED" if self._is_closing else "SESSION_LOST"
                request.fail(TypewireError(code, f"the session has ended: {why}", outcome=outcome))
        if lost_events:
            error = TypewireError("SESSION_LOST", f"the session has ended: {why}", outcome="unknown")
            self.report(error, f"{lost_events} events may not have arrived")
        return carried

    # Asking

    def next_id(self) -> int:
        self.last_id += 1  # never twice in one instance (CA-10)
        return self.last_id

    def new_queue(self) -> Deque[Request]:
        return deque()

    def submit(self, request: Request, timeout_s: Optional[float] = None) -> None:
        """Sends it, now or when it may. Raises TypewireError where it never can."""
        self._check(request)
        self._start_timer(request, timeout_s)
        try:
            self._route(request)
        except TypewireError:
            request.stop_timer()
            raise

    def submit_internal(self, request: Request) -> None:
        if self.session is not None and (request.scope.state == "open" or request.name == "$open"):
            self._start_timer(request, None)
            self.route_or_fail(request)

    def _check(self, request: Request) -> None:
        if self._closed is not None:
            raise TypewireError(self._closed.code, self._closed.message, outcome="not_sent")
        if self._run is None:
            raise RuntimeError("The client is not connected: use it within `async with`.")
        if request.scope.state == "closed" and request.name not in ("$open", "$close"):
            raise TypewireError("FORBIDDEN", f"The namespace {request.scope.path} is not open.", outcome="not_sent")
        if request.room is not None and request.room.is_over:
            raise TypewireError("FORBIDDEN", f"Room {request.room.kind.name} is not joined any more.", outcome="not_sent")
        queues = [self._outbox, *(scope.waiting for scope in self._scopes.values()), *(room.waiting for room in self._rooms)]
        asked = self.session.asked if self.session else {}
        waiting = [*queues, *([self.session.waiting] if self.session else [])]
        if sum(map(len, waiting)) + len(asked) >= MAX_REQUESTS:
            raise TypewireError("OVERLOADED", "too many requests wait for an answer", outcome="not_sent")
        if any(waiting) and sum(each.length for queue in waiting for each in queue) + request.length > WINDOW:
            raise TypewireError("OVERLOADED", "too much waits for the server", outcome="not_sent")

    def _route(self, request: Request) -> None:
        queue: Optional[Deque[Request]] = None
        if self.session is None or (self.session.is_draining and not request.is_internal):
            queue = self._outbox
        elif request.scope.state != "open" and request.name not in ("$open", "$close"):
            queue = request.scope.waiting
        elif request.room is not None and not request.room.number:
            queue = request.room.waiting
        if queue is not None:
            request.place = queue
            queue.append(request)
        else:
            assert self.session is not None
            self.session.push_request(request)

    def route_or_fail(self, request: Request) -> None:
        try:
            if request.is_over:
                return
            self._route(request)
        except TypewireError as error:
            request.fail(error)
            if request.future is None:
                self.report(error, f"the event {request.name} was not sent")

    def _flush(self, queue: Deque[Request]) -> None:
        waiting = list(queue)
        queue.clear()
        for request in waiting:
            request.place = None
            if request.scope.state == "closed" or (request.room is not None and request.room.is_over):
                request.fail(TypewireError("FORBIDDEN", "what it was for is not open any more", outcome="not_sent"))
            else:
                self.route_or_fail(request)

    def withdraw(self, request: Request) -> str:
        request.stop_timer()
        if request.place is not None:
            if request in request.place:
                request.place.remove(request)
            request.place = None
            return "not_sent"
        if self.session is not None and request.session is self.session and request.id in self.session.asked:
            return self.session.withdraw(request)
        return "not_sent" if request.session is None else "unknown"

    def _start_timer(self, request: Request, timeout_s: Optional[float]) -> None:
        loop = asyncio.get_running_loop()
        request_limit = timeout_s
        if request_limit is None:
            if request.reader is not None:
                return  # ST-7
            max_s = (self.session.max_timeout_ms if self.session else 30_000) / 1000
            request_limit = self.options.timeout_s
            if request.upload is not None or request.is_internal or request_limit is None:
                request_limit = max(request_limit or 0, max_s + 5)
            elif request.own_timeout_ms is not None:  # CA-13
                request_limit = max(request_limit, request.own_timeout_ms / 1000 + 5)
            else:
                request.says_timeout = True
        else:
            request.says_timeout = True
        request.deadline = loop.time() + request_limit
        request.limit_s = request_limit
        if request.future is not None:
            request.timer = loop.call_at(request.deadline, self._expire, request)

    def restart_timer(self, request: Request) -> None:
        """Of an upload without a limit of its caller's: it counts from the last credit (ST-7)."""
        if request.timer is not None and not request.says_timeout:
            request.timer.cancel()
            request.timer = asyncio.get_running_loop().call_later(request.limit_s + 1, self._expire, request)

    def _expire(self, request: Request) -> None:
        if not request.is_over:
            outcome = self.withdraw(request)
            request.fail(TypewireError("TIMED_OUT", f"{request.name}: no answer came in time", outcome=outcome))

    async def _answer_to(self, request: Request, timeout_s: Optional[float]) -> Any:
        assert request.future is not None
        self.submit(request, timeout_s)
        try:
            return await request.future
        except asyncio.CancelledError:
            self.withdraw(request)
            if request.upload is not None:
                request.upload.stop()
            raise

    def read(self, payload: list[Any], form: Form) -> Any:
        return read_payload(payload, form, self.forms)

    def _value(self, payload: list[Any], form: Form) -> Any:
        value = self.read(payload, form)
        return None if value is UNDEFINED else value

    async def ask(self, scope: Scope, name: str, given: Any, form: Form = None) -> Any:
        """A call of a reserved name."""
        payload = write_payload(given, form, self.forms)
        if payload.parts:
            raise ValueError("Credentials and presence hold no bytes (PL-9).")
        future = asyncio.get_running_loop().create_future()
        read = lambda elements: self._value(elements, None)  # noqa: E731
        request = Request(CALL, name, payload, scope=scope, future=future, on_result=read, is_internal=True)
        return await self._answer_to(request, None)

    def _request_of(self, scope: Scope, procedure: Procedure, given: Any, items: Any) -> Request:
        payload = write_payload(given, procedure.input, self.forms) if given is not UNDEFINED else NOTHING

        def make_error(code: str, message: str, elements: list[Any], **details: Any) -> TypewireError:
            make, form = procedure.errors.get(code, (TypewireError, None))
            return make(code, message, data=self._value(elements, form), **details)

        request = Request(
            CALL, scope.prefix + procedure.name, payload, scope=scope, future=asyncio.get_running_loop().create_future(),
            on_result=lambda elements: self._value(elements, procedure.output), make_error=make_error,
            is_idempotent=procedure.idempotent or procedure.is_keyed,
        )  # fmt: skip
        request.own_timeout_ms = procedure.timeout_ms
        if procedure.is_upload:
            request.options["upload"] = True
            request.upload = Upload(items, lambda item: write_payload(item, procedure.items, self.forms))
            request.upload.request = request
        if procedure.is_stream:
            request.options["credit"] = CREDIT_ITEMS
            request.reader = Reader(lambda elements: self._value(elements, procedure.output))
            request.reader.request = request
        return request

    async def call_procedure(self, scope: Scope, procedure: Procedure, given: Any, timeout_s: Optional[float], items: Any = ()) -> Any:
        return await self._answer_to(self._request_of(scope, procedure, given, items), timeout_s)

    def open_stream(self, scope: Scope, procedure: Procedure, given: Any, timeout_s: Optional[float], items: Any = ()) -> Stream[Any]:
        request = self._request_of(scope, procedure, given, items)
        self.submit(request, timeout_s)
        return Stream(request.reader)

    def _event_payload(self, event: Event, payload: Any) -> Payload:
        return write_payload(payload, event.payload, self.forms) if payload is not UNDEFINED else NOTHING

    def emit_event(self, scope: Scope, event: Event, given: Any, volatile: bool, kind: int = EVENT, room: Any = None) -> None:
        payload = self._event_payload(event, given)
        name = event.name if kind == ROOM_EVENT else scope.prefix + event.name
        request = Request(kind, name, payload, scope=scope, room=room)
        if not volatile:
            return self.submit(request)
        self._check(request)
        is_ready = self.is_open and scope.state == "open" and (room is None or room.number)
        if not is_ready or self._connector.is_blocked or self.session is None:
            self.dropped += 1  # DL-2
            return
        head = to_json([VOLATILE, room.number if room is not None else 0, name, 0])
        self.session.push_volatile(f"{head[:-1]}{payload.text}]", payload.parts)

    async def emit_event_with_ack(
        self, scope: Scope, event: Event, given: Any, timeout_s: Optional[float], kind: int = EVENT, room: Any = None
    ) -> Any:
        future = asyncio.get_running_loop().create_future()
        name = event.name if kind == ROOM_EVENT else scope.prefix + event.name
        request = Request(
            kind, name, self._event_payload(event, given), scope=scope, room=room, future=future,
            on_result=lambda elements: self._value(elements, event.ack),
        )  # fmt: skip
        return await self._answer_to(request, timeout_s)

    # Rooms

    def join_room(self, room: AnyRoom) -> AnyRoom:
        if self._closed is not None:
            raise TypewireError(self._closed.code, self._closed.message, outcome="not_sent")
        if room._scope.state == "closed":
            raise TypewireError("FORBIDDEN", f"The namespace {room._scope.path} is not open.", outcome="not_sent")
        self._rooms.append(room)
        room.start()
        return room

    def enter(self, room: Any) -> None:
        assert self.session is not None
        self.session.rooms.setdefault(room.number, []).append(room)
        if room.waiting:
            asyncio.get_running_loop().call_soon(self._flush, room.waiting)

    def forget(self, room: Any) -> None:
        if room in self._rooms:
            self._rooms.remove(room)
        if self.session is not None and room in self.session.rooms.get(room.number, ()):
            self.session.rooms[room.number].remove(room)

    def presence_of(self, number: int) -> Optional[Presence]:
        return self._presence.get(number)

    def on_presence(self, session: Session, number: int, payload: list[Any]) -> None:
        rooms = session.rooms.get(number, [])
        try:
            elements = [self._value(payload, rooms[0].kind.seen_frame if rooms else None)] if payload else []
        except Unreadable:
            elements = []
        self._presence.setdefault(number, Presence()).take(elements, lambda value: value)
        for room in list(rooms):
            room.on_presence_changed()

    def hearers_of(self, session: Session, number: Optional[int], name: str, options: dict[str, Any]) -> tuple[Event, list[Hearers]]:
        if number is None:
            for scope in self._scopes.values():
                local = name[len(scope.prefix) :]
                if name.startswith(scope.prefix) and "/" not in local and (scope.state == "open"):
                    return self.contract.events.get(name, Event(name)), [_Named(scope.hearers, local)]
            return Event(name), []
        rooms = [room for room in session.rooms.get(number, ()) if room.takes(options.get("offset"))]
        kind = session.rooms[number][0].kind if session.rooms.get(number) else None
        return (kind.events.get(name, Event(name)) if kind else Event(name)), [room.hearers for room in rooms]

    def add_handler(self, scope: Scope, event: str, handler: Handler) -> Callable[[], None]:
        return scope.hearers.add(event, handler)

    # Namespaces

    def scope(self, path: str) -> Scope:
        return self._scopes[path]

    async def open_namespace(self, scope: Scope, credentials: Any) -> None:
        scope.credentials = credentials
        was_open = scope.state == "open"
        if not was_open:
            scope.state = "opening"
        try:
            await self._open(scope)
        except BaseException as error:
            if not was_open:
                self._close_scope(scope, TypewireError("FORBIDDEN", f"The namespace {scope.path} was not opened: {error}"))
            raise

    async def _open(self, scope: Scope) -> None:
        credentials = scope.credentials() if callable(scope.credentials) else scope.credentials
        if asyncio.iscoroutine(credentials):
            credentials = await credentials
        given = {"namespace": scope.path, **({} if credentials is None else {"auth": credentials})}
        payload = write_payload(given, ("object", {"auth": scope.auth}, (), None), self.forms)
        if payload.parts:
            raise ValueError("Credentials hold no bytes (PL-9).")
        future = asyncio.get_running_loop().create_future()
        request = Request(
            CALL, "$open", payload, scope=scope, future=future, is_internal=True,
            on_result=lambda elements: self._on_opened(scope, elements),
        )  # fmt: skip
        await self._answer_to(request, None)

    def _on_opened(self, scope: Scope, elements: list[Any]) -> None:
        result = elements[0] if elements and isinstance(elements[0], dict) else {}
        identity = result.get("identity")
        is_another = scope.identity is not None and scope.identity[0] != identity  # NS-8
        scope.state, scope.identity = "open", (identity,)
        if is_another:
            error = TypewireError("SESSION_LOST", "The server takes this client for another one now.", outcome="not_sent")
            self._fail_all(scope.waiting, error)
        for room in list(self._rooms):
            if room._scope is scope and is_another:
                room.end_by("the server takes this client for another one now")
            elif room._scope is scope and not room.number:
                room.start()
        self._flush(scope.waiting)

    def _start_reopening(self, scope: Scope) -> None:
        task = asyncio.ensure_future(self._reopen(scope))
        self._tasks.add(task)  # the loop alone would let go of it
        task.add_done_callback(self._tasks.discard)

    async def _reopen(self, scope: Scope) -> None:
        delay_s = self.options.min_delay_s
        while scope.state == "opening" and self._closed is None:
            try:
                return await self._open(scope)
            except TypewireError as error:
                if error.code == "SESSION_LOST":
                    return  # the next session opens it
                if error.code not in ("OVERLOADED", "INTERNAL", "TIMED_OUT"):
                    self._close_scope(scope, error)
                    return self.report(error, f"the namespace {scope.path} is closed")
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, self.options.max_delay_s)

    async def close_namespace(self, scope: Scope) -> None:
        was_open = scope.state != "closed"
        self._close_scope(scope, TypewireError("CLOSED", f"The namespace {scope.path} was closed."))
        if was_open and self.session is not None:
            await self.ask(scope, "$close", {"namespace": scope.path})

    def _close_scope(self, closed: Scope, error: TypewireError, received: Optional[int] = None) -> None:
        """The namespace is closed, and what lies in it (NS-4)."""
        for scope in self._scopes.values():
            if not scope.path or not closed.contains(scope.path):
                continue
            scope.state = "closed"
            self._fail_all(scope.waiting, error)
            for room in [room for room in self._rooms if room._scope is scope]:
                room.end_by(error.message)
            for request in list(self.session.asked.values()) if self.session else []:
                if request.scope is scope and request.name not in ("$open", "$close"):
                    assert self.session is not None
                    is_seen = received is None or request.number <= received
                    self.session.withdraw(request)
                    outcome = "unknown" if is_seen else "not_sent"
                    request.fail(TypewireError(error.code, error.message, outcome=outcome))

    def on_closed(self, path: str, reason: str, options: dict[str, Any]) -> None:
        scope = self._scopes.get(path)
        if scope is None or not path or scope.state == "closed":
            return
        can_reopen = options.get("reopen") is True and callable(scope.credentials)  # NS-7
        code = "SESSION_LOST" if options.get("reopen") is True else "FORBIDDEN"
        received = options.get("received")
        error = TypewireError(code, f"The server has closed the namespace {path}: {reason}", outcome="unknown")
        rooms = [room for room in self._rooms if can_reopen and room._scope is scope]
        for room in rooms:  # they are joined again when it is open again
            self._rooms.remove(room)
            if self.session is not None:
                self.session.rooms.pop(room.number, None)
            room.lose()
        self._close_scope(scope, error, received if is_count(received) else None)
        self._rooms.extend(rooms)
        if can_reopen:
            scope.state = "opening"
            self._start_reopening(scope)
        else:
            self.report(error, f"the namespace {path} is closed")

    # Telling

    def _status(self, state: str, reason: str) -> None:
        if self.options.on_status is not None:
            self.tell([self.options.on_status], state, reason)

    def tell(self, handlers: list[Handler], *details: Any) -> None:
        for handler in list(handlers):
            try:
                handler(*details)
            except Exception as error:
                self.report(error, "a handler failed")

    def report(self, error: Optional[BaseException], what: str) -> None:
        if self.options.on_error is not None:
            self.options.on_error(error, what)
        else:
            log.warning("%s", what, exc_info=error)


class _Named(Hearers):
    """Hearers under the names that they have within their namespace."""

    def __init__(self, hearers: Hearers, local: str) -> None:
        self._hearers, self._local = hearers, local

    def of(self, name: str) -> list[Handler]:
        return self._hearers.of(self._local)

    def hold(self, name: str, deliver: Callable[[], None]) -> bool:
        return self._hearers.hold(self._local, deliver)

