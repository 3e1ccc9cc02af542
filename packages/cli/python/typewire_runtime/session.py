"""What one session of a client holds: its numbers, what it has asked, its rooms, the handlers that run. No I/O."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from typing import Any, Callable, Deque, Iterable, Optional

from .errors import Broken, TypewireError, Unreadable
from .frames import (
    ACK, CANCEL, CLOSED, CREDIT, DRAIN, ERROR, EVENT, FIRST_COUNTED, ITEM, LEFT, PING, PONG, POSITION, PRESENCE, RESULT,
    ROOM_EVENT, VOLATILE, Frame, utf16_length, write_container,
)  # fmt: skip
from .payloads import Payload, read_payload, to_json, write_payload
from .requests import Request
from .sequence import MAX_FRAMES, Entry, Sequence
from .values import UNDEFINED

ACKNOWLEDGE_FRAMES = 16_384  # SQ-4
ACKNOWLEDGE_LENGTH = 65_536


class Session:
    """`client`: who is told of events, rooms and namespaces. `wake`: called when there is something to write."""

    def __init__(self, client: Any, welcome: dict[str, Any], window: int, wake: Callable[[], None]) -> None:
        self.id: str = welcome["session"]
        self.identity: Optional[str] = welcome.get("identity")
        self.sequence = Sequence()
        self.rooms: dict[int, list[Any]] = {}
        self.waiting: Deque[Request] = deque()  # beyond maxCalls (LM-2)
        self.asked: dict[int, Request] = {}
        self.is_draining = self.has_overflown = False
        self._client, self._window, self._wake = client, window, wake
        self._owed: set[int] = set()
        self._volatile: list[tuple[str, list[bytes]]] = []
        self._running: dict[Any, "asyncio.Task[None]"] = {}
        self._their_last_id = self._limited = 0
        self._unacknowledged = self._unacknowledged_frames = 0
        self.attach(welcome)

    def attach(self, welcome: dict[str, Any]) -> None:
        """A connection was welcomed: the session begins, or goes on over it."""
        if welcome["session"] != self.id:
            raise Broken("RS-8: another session than was asked for")
        self.sequence.attach(welcome["received"], welcome["from"])
        resume = welcome.get("resume") or {}
        self.secret: Optional[str] = resume.get("secret")
        self.resume_window_ms: int = resume.get("windowMs", 0)
        self.max_timeout_ms: int = welcome.get("maxTimeoutMs", 30_000)
        self.max_message_bytes: int = welcome["maxMessageBytes"]
        self.max_calls: int = max(1, welcome["maxCalls"])
        self._peer_window: int = welcome["window"]
        self._unacknowledged = self._unacknowledged_frames = 0
        self._owed = set()
        self.is_draining = False

    # What goes out

    def push_request(self, request: Request) -> None:
        """Gives a request its id and its number, or lets it wait for others to be answered. Raises TypewireError."""
        if request.is_limited and self._limited >= self.max_calls:
            request.place = self.waiting
            self.waiting.append(request)
            return
        request.session = self
        if request.room is not None:
            request.room_number = request.room.number
        if request.future is not None:
            request.id = self._client.next_id()
        text = request.render()
        # What is left of its time changes the length by some digits only.
        length = utf16_length(text) + sum(map(len, request.payload.parts))
        self._check_size(text, request.payload.parts, length)
        request.number = self._push(Entry(text, request.payload.parts, length, request))
        if request.future is not None:
            self.asked[request.id] = request
            self._limited += request.is_limited

    def push(self, text: str, parts: Iterable[bytes] = ()) -> int:
        """A frame that is no request. Raises TypewireError where it is too large."""
        parts = list(parts)
        length = utf16_length(text) + sum(map(len, parts))
        self._check_size(text, parts, length)
        return self._push(Entry(text, parts, length))

    def _check_size(self, text: str, parts: list[bytes], length: int) -> None:
        size = len(text.encode()) + 2 + sum(map(len, parts)) + (8 + 4 * len(parts) if parts else 0)
        if size > self.max_message_bytes:  # WR-6
            most = self.max_message_bytes
            raise TypewireError("TOO_LARGE", f"a message of {size} bytes; the server takes {most}", outcome="not_sent")
        if self.sequence.kept_length + length > self._window or len(self.sequence.kept) >= MAX_FRAMES:
            raise TypewireError("OVERLOADED", "too much waits for the server", outcome="not_sent")

    def _push(self, entry: Entry) -> int:
        number = self.sequence.push(entry)
        self._wake()
        return number

    def push_control(self, *frame: Any) -> None:
        """A cancel, a credit, an end: small, and never refused."""
        text = to_json(list(frame))
        self._push(Entry(text, [], len(text)))

    def push_volatile(self, text: str, parts: list[bytes]) -> None:
        self._volatile.append((text, parts))
        self._wake()

    def withdraw(self, request: Request) -> str:
        """Takes a request back that was pushed. Tells whether the server can have seen it."""
        self.asked.pop(request.id, None)
        self._limited -= request.is_limited
        is_withdrawn = self.sequence.withdraw(request.number)  # SQ-5
        if not is_withdrawn:
            self.push_control(CANCEL, request.id)  # CA-5
        self._pump()
        return "not_sent" if is_withdrawn else "unknown"

    def _pump(self) -> None:
        while self.waiting and self._limited < self.max_calls:
            request = self.waiting.popleft()
            request.place = None
            self._client.route_or_fail(request)

    def next_message(self) -> str | bytes | None:
        """What is owed, before what makes the server keep more; then counted frames; then what may be dropped."""
        owed, self._owed = self._owed, set()
        numbers = [self.sequence.written, self.sequence.received]
        texts = [to_json([kind, *numbers]) for kind in (PING, PONG) if kind in owed]
        if owed:
            texts = texts or [to_json([ACK, self.sequence.received])]
            self._unacknowledged = self._unacknowledged_frames = 0
        container = self.sequence.take(texts, min(65_536, self.max_message_bytes) - 128)  # WR-2; room for the answers
        if container is not None:
            return container
        while self._volatile and self.sequence.position == self.sequence.last and len(texts) < 1_000:
            text, parts = self._volatile[0]
            if parts and texts:
                break
            del self._volatile[0]
            if parts:
                return write_container(f"[{text}]", parts)
            texts.append(text)
        return f"[{','.join(texts)}]" if texts else None

    def drop_volatile(self) -> int:
        dropped, self._volatile = len(self._volatile), []
        return dropped

    # What comes in

    def receive(self, batch: list[Frame], length: int) -> Iterable[Frame]:
        """The frames of a message, but for those of the connection itself, which it gives back."""
        before = self.sequence.received
        for frame in batch:
            if frame[0] >= FIRST_COUNTED:
                if self.sequence.count():
                    self._dispatch(length // len(batch), *frame)
            elif frame[0] in (PING, PONG, ACK):
                self._acknowledge(frame[1] if frame[0] == ACK else frame[2])
                if frame[0] == PING:
                    self.owe(PONG)  # SQ-7
            elif frame[0] == VOLATILE:
                self._hear(0, frame[1] or None, frame[2], 0, frame[4:])  # DL-1
            elif frame[0] == DRAIN:
                self.is_draining = True  # CL-4
            else:
                yield frame
        if self.sequence.received > before:
            self._unacknowledged += length
            self._unacknowledged_frames += self.sequence.received - before
            limit = min(self._peer_window / 4, ACKNOWLEDGE_LENGTH)
            if self._unacknowledged >= limit or self._unacknowledged_frames >= ACKNOWLEDGE_FRAMES:
                self.owe(ACK)  # SQ-4

    def owe(self, kind: int) -> None:
        self._owed.add(kind)
        self._wake()

    def _acknowledge(self, number: int) -> None:
        self.sequence.acknowledge(number)
        for request in self.asked.values():
            if request.upload is not None:
                request.upload.changed.set()  # ST-6

    @property
    def is_full(self) -> bool:
        return self.sequence.kept_length > self._window / 4

    def _dispatch(self, length: int, kind: int, *rest: Any) -> None:
        if kind in (RESULT, ERROR):
            self._settle(kind, *rest)
        elif kind == ITEM:
            id, options, *payload = rest
            request = self._asked_for(id)
            if request is not None and request.reader is not None:
                request.reader.take(options or {}, payload, length)
        elif kind == CREDIT:
            id, up_to, read, allowed = rest[:4]
            request = self._asked_for(id)
            if request is not None and request.upload is not None:
                request.upload.on_credit(up_to, read, allowed)
        elif kind == CANCEL and rest[0] in self._running:
            self._running.pop(rest[0]).cancel()  # CA-5
        elif kind == EVENT:
            id, name, options, *payload = rest
            self._hear(id, None, name, options, payload)
        elif kind == ROOM_EVENT:
            id, room, name, options, *payload = rest
            self._hear(id, room, name, options, payload)
        elif kind == POSITION:
            number, epoch, offset, options = rest[:4]
            for room in self.rooms.get(number, ()):
                room.on_position(epoch, offset, (options or {}).get("missed") is True)
        elif kind == PRESENCE:
            self._client.on_presence(self, rest[0], rest[1:])
        elif kind == LEFT:
            for room in self.rooms.pop(rest[0], ()):
                room.on_server_left(rest[1])
        elif kind == CLOSED:
            self._client.on_closed(rest[0], rest[1], rest[2] or {})

    def _asked_for(self, id: int) -> Optional[Request]:
        if id > self._client.last_id:
            raise Broken("CA-4: of a call that was never made")
        return self.asked.get(id)

    def _settle(self, kind: int, id: int, *rest: Any) -> None:
        request = self._asked_for(id)
        if request is None:
            return  # nobody waits for it any more (CA-4)
        del self.asked[id]
        self._limited -= request.is_limited
        if kind == RESULT:
            self._settle_result(request, list(rest))
        else:
            code, message, options, *payload = rest
            request.fail(self._error_of(request, code, message, options or {}, payload))
        self._pump()

    def _settle_result(self, request: Request, payload: list[Any]) -> None:
        try:
            value = request.on_result(payload) if request.on_result else None
        except Unreadable:
            return request.fail(TypewireError("INVALID_ACK", f"the answer to {request.name} cannot be read"))
        if request.reader is not None:
            request.reader.end(None)
        if request.upload is not None:
            request.upload.stop()
        request.settle(value)

    def _error_of(self, request: Request, code: str, message: str, options: dict[str, Any], payload: list[Any]) -> TypewireError:
        incident, issues = options.get("incident"), options.get("issues")
        details: dict[str, Any] = {
            "incident": incident if isinstance(incident, str) else None,
            "issues": [issue for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else (),
        }
        if code in ("SESSION_LOST", "TIMED_OUT"):
            details["outcome"] = "unknown"
        try:
            if request.make_error is not None:
                return request.make_error(code, message, payload, **details)
            data = read_payload(payload, None, {})
        except Unreadable:
            return TypewireError("INVALID_ACK", f"the error {code} that answers {request.name} cannot be read")
        return TypewireError(code, message, data=None if data is UNDEFINED else data, **details)

    # Events that the server sends, and their acks

    def _hear(self, id: int, room: Optional[int], name: str, options: Any, payload: list[Any]) -> None:
        if id and id <= self._their_last_id:
            raise Broken("CA-1: an id that is not above the one before it")
        self._their_last_id = max(id, self._their_last_id)
        options = options or {}
        event, hearers = self._client.hearers_of(self, room, name, options)
        if id:
            handlers = [handler for each in hearers for handler in each.of(name)]
            return self._answer_event(id, event, options, handlers, payload)
        read: list[Any] = []

        def deliver(each: Any) -> None:
            handlers = each.of(name)
            if handlers and not read:  # once: it is the same for all of them
                try:
                    read.append(self._client.read(payload, event.payload))
                except Unreadable as error:
                    self._client.report(error, f"the payload of {name} cannot be read")
                    return
            for answer in [self._run(handler, event, read[0]) for handler in handlers]:
                if inspect.isawaitable(answer):
                    self._start(answer, event)

        for each in hearers:
            if not each.hold(name, lambda each=each: deliver(each)):
                deliver(each)

    def _start(self, answer: Any, event: Any) -> None:
        task = asyncio.ensure_future(self._watch(answer, event))
        self._running[task] = task
        task.add_done_callback(lambda done: self._running.pop(done, None))

    async def _watch(self, answer: Any, event: Any) -> None:
        try:
            await answer
        except Exception as error:
            self._client.report(error, f"a handler of {event.name} failed")

    def _run(self, handler: Any, event: Any, data: Any) -> Any:
        try:
            return handler(None if data is UNDEFINED else data) if event.has_payload else handler()
        except Exception as error:
            failed = asyncio.get_running_loop().create_future()
            failed.set_exception(error)
            return failed

    def _answer_event(self, id: int, event: Any, options: dict[str, Any], handlers: list[Any], payload: list[Any]) -> None:
        if not handlers:
            return self._fail(id, "NO_HANDLER", "nobody handles this event")  # EV-5
        try:
            data = self._client.read(payload, event.payload)
        except Unreadable:
            return self._fail(id, "INVALID_INPUT", "the payload cannot be read")  # PL-4
        answers = [self._run(handler, event, data) for handler in handlers]
        self._running[id] = asyncio.ensure_future(self._answer(id, event, options, answers))

    async def _answer(self, id: int, event: Any, options: dict[str, Any], answers: list[Any]) -> None:
        """The ack, once all handlers have run to their end: the first one's answer (EV-3)."""
        timeout_ms = options.get("timeoutMs")
        is_limited = isinstance(timeout_ms, (int, float)) and not isinstance(timeout_ms, bool)
        limit_s = timeout_ms / 1000 if is_limited and timeout_ms is not None else None  # CA-8
        waiting = [answer for answer in answers if inspect.isawaitable(answer)]
        try:
            results = iter(await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), limit_s))
            ended = [next(results) if inspect.isawaitable(answer) else answer for answer in answers]
            for fault in ended:
                if isinstance(fault, BaseException):
                    self._client.report(fault, f"a handler of {event.name} failed")
            if isinstance(ended[0], BaseException):
                return self._fail(id, "INTERNAL", "the handler failed")
            has_data = options.get("receipt") is not True and event.has_ack  # EV-2
            payload = write_payload(ended[0] if has_data else UNDEFINED, event.ack, self._client.forms)
            self._send_ack(id, payload)
        except asyncio.TimeoutError:
            self._fail(id, "TIMED_OUT", "the handler took too long")
        except (TypeError, ValueError, TypewireError) as error:
            self._client.report(error, f"the ack of {event.name} cannot be sent")
            self._fail(id, "INTERNAL", "the ack cannot be sent")
        finally:
            self._running.pop(id, None)

    def _send_ack(self, id: int, payload: Payload) -> None:
        self.push(f"[{RESULT},{id}{payload.text}]", payload.parts)

    def _fail(self, id: int, code: str, message: str) -> None:
        text = to_json([ERROR, id, code, message, 0])
        if self.sequence.kept_length > 2 * self._window or len(self.sequence.kept) >= MAX_FRAMES:
            self.has_overflown = True  # SQ-6
            return self._wake()
        self._push(Entry(text, [], len(text)))

    def stop_handlers(self) -> None:
        """The session is over (CA-6)."""
        for task in list(self._running.values()):
            task.cancel()
