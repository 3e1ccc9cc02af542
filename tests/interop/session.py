"""What one session of a client holds: its numbers, what it has asked, its rooms, the handlers that run. No I/O."""

import asyncio
import inspect
import json
from collections import namedtuple

from frames import (
    ACK, CALL, CANCEL, ERROR, EVENT, FIRST_COUNTED, LEFT, PING, PONG, RESULT, ROOM_EVENT, Broken,
)  # fmt: skip
from payloads import UNDEFINED, Unreadable, read_payload, write_payload
from sequence import Sequence

ACKNOWLEDGE_FRAMES = 16_384  # SQ-4

Asked = namedtuple("Asked", "future number on_result")


class CallError(Exception):
    """`outcome`, where no answer came: whether the server can have seen the request, `not_sent` or `unknown`."""

    def __init__(self, code, message, data=UNDEFINED, issues=None, outcome=None):
        super().__init__(f"{code}: {message}")
        self.code, self.data, self.issues, self.outcome = code, data, issues, outcome


class Room:
    """A membership. `on`: what to do with its events, by name."""

    def __init__(self, session, on, on_left):
        self.session, self.on, self.on_left, self.number, self.join = session, on, on_left, None, None

    def emit(self, name, data=UNDEFINED):
        self.session.send([ROOM_EVENT, 0, self.number, name, 0, *write_payload(data)])

    def emit_with_ack(self, name, data=UNDEFINED, timeout_ms=None):
        return self.session.request(ROOM_EVENT, name, data, timeout_ms, room=self.number)

    def leave(self):
        rooms = self.session.rooms.get(self.number, [])
        if self in rooms:
            rooms.remove(self)
        return self.session.request(CALL, "$leave", {"join": self.join})  # RM-4


class Session:
    """`on`: handlers by the name of the event. `wake`: called when there is something to write. `tell`: hears of faults."""

    def __init__(self, on, window, wake, tell):
        self.id, self.secret, self.max_timeout_ms, self.max_message_bytes = None, None, 30_000, 1_048_576
        self.rooms = {}
        self.sequence = Sequence()
        self.owed = set()
        self._on, self._window, self._wake, self._tell = on, window, wake, tell
        self._last_id, self._their_last_id = 0, 0
        self._asked, self._running, self._is_over = {}, {}, False
        self._peer_window, self._unacknowledged, self._unacknowledged_frames = 0, 0, 0

    def attach(self, welcome):
        """A connection was welcomed: the session begins, or goes on over it."""
        if self.id and welcome["session"] != self.id:
            raise Broken("RS-8: another session than was asked for")
        self.sequence.attach(welcome["received"], welcome["from"])
        self.id, self.secret = welcome["session"], (welcome.get("resume") or {}).get("secret")
        self.max_timeout_ms, self.max_message_bytes = welcome.get("maxTimeoutMs", 30_000), welcome["maxMessageBytes"]
        self._peer_window, self._unacknowledged, self._unacknowledged_frames = welcome["window"], 0, 0
        self.owed = set()

    # What goes out

    def send(self, frame):
        """Gives a counted frame its number."""
        if self._is_over:
            raise CallError("SESSION_LOST", "the session is over", outcome="not_sent")
        text = json.dumps(frame, allow_nan=False, separators=(",", ":"))
        if len(text) + 2 > self.max_message_bytes:  # with the brackets of its message; the text is ASCII
            raise CallError("TOO_LARGE", "the server does not take so large a message", outcome="not_sent")
        if self.sequence.kept_length + len(text) > self._window:
            raise CallError("OVERLOADED", "too much waits for the server", outcome="not_sent")
        number = self.sequence.push(text)
        self._wake()
        return number

    def request(self, kind, name, data=UNDEFINED, timeout_ms=None, on_result=None, room=None):
        """Sends a request at once; await what it returns for the answer. Raises CallError."""
        options = {"timeoutMs": timeout_ms} if timeout_ms else 0
        future = asyncio.get_running_loop().create_future()
        id = self._last_id + 1
        head = [kind, id] if room is None else [kind, id, room]
        number = self.send([*head, name, options, *write_payload(data)])
        self._last_id = id
        self._asked[id] = Asked(future, number, on_result)
        # A task: the time runs from now on, not from when the answer is first awaited.
        return asyncio.ensure_future(self._within(timeout_ms or self.max_timeout_ms + 5_000, future, number, id))

    async def _within(self, limit_ms, future, number, id):
        try:
            return await asyncio.wait_for(future, limit_ms / 1000)
        except asyncio.TimeoutError:
            raise CallError("TIMED_OUT", "no answer in time", outcome=self._withdraw(number, id)) from None
        except asyncio.CancelledError:
            self._withdraw(number, id)
            raise

    def _withdraw(self, number, id):
        if self._asked.pop(id, None) is None:
            return "unknown"
        if self.sequence.withdraw(number):  # SQ-5
            return "not_sent"
        self.send([CANCEL, id])  # CA-5
        return "unknown"

    def next_message(self):
        """The frames of the next message: what is owed, before what makes the server keep more; then counted ones."""
        owed, self.owed = self.owed, set()
        numbers = [self.sequence.written, self.sequence.received]
        answers = [[kind, *numbers] for kind in (PING, PONG) if kind in owed]
        if owed:
            answers = answers or [[ACK, self.sequence.received]]
            self._unacknowledged = self._unacknowledged_frames = 0
        length = min(65_536, self.max_message_bytes) - 128  # WR-2; room for the answers
        return [json.dumps(answer) for answer in answers] + self.sequence.take(length)

    # What comes in

    def receive(self, batch, length):
        """The frames of a message, but for those of the connection itself (`control`)."""
        before = self.sequence.received
        for frame in batch:
            if frame[0] >= FIRST_COUNTED and self.sequence.count():
                self._dispatch(*frame)
            elif frame[0] in (PING, PONG, ACK):
                self.sequence.acknowledge(frame[1] if frame[0] == ACK else frame[2])
                if frame[0] == PING:
                    self._tell("ping")
                    self.owe(PONG)  # SQ-7
            elif frame[0] < FIRST_COUNTED:
                yield frame
        if self.sequence.received > before:
            self._unacknowledged += length
            self._unacknowledged_frames += self.sequence.received - before
            if self._unacknowledged >= self._peer_window / 4 or self._unacknowledged_frames >= ACKNOWLEDGE_FRAMES:
                self.owe(ACK)  # SQ-4

    def owe(self, kind):
        self.owed.add(kind)
        self._wake()

    def _dispatch(self, kind, *rest):
        if kind in (RESULT, ERROR):
            self._settle(kind, *rest)
        elif kind == CANCEL and rest[0] in self._running:
            self._running.pop(rest[0]).cancel()  # CA-5
        elif kind == EVENT:
            id, name, options, *payload = rest
            self._handle(id, options, [self._on[name]] if name in self._on else [], payload)
        elif kind == ROOM_EVENT:
            id, number, name, options, *payload = rest
            self._handle(id, options, [room.on[name] for room in self.rooms.get(number, []) if name in room.on], payload)
        elif kind == LEFT:
            for room in self.rooms.pop(rest[0], []):
                room.on_left(rest[1])

    def _settle(self, kind, id, *rest):
        if id > self._last_id:
            raise Broken(f"CA-4: answers {id}, which was not asked")
        asked = self._asked.pop(id, None)
        if not asked or asked.future.done():
            return
        try:
            if kind == RESULT:
                result = read_payload(rest)
                if asked.on_result:
                    asked.on_result(id, result)
                asked.future.set_result(result)
            else:
                code, message, options, *payload = rest
                issues = options.get("issues") if options else None
                asked.future.set_exception(CallError(code, message, read_payload(payload), issues))
        except (Unreadable, KeyError, TypeError):  # the last two: what `on_result` needs is not there
            asked.future.set_exception(CallError("INVALID_ACK", "the answer cannot be read"))  # PL-4

    def _handle(self, id, options, handlers, payload):
        """Runs the handlers of an event in the order of the events; one that is asynchronous may end later."""
        if id and id <= self._their_last_id:
            raise Broken(f"CA-1: {id} is not above the ids before it")
        self._their_last_id = max(id, self._their_last_id)
        if not handlers:
            return self._fail(id, "NO_HANDLER", "nobody handles this event")  # EV-5
        try:
            data = read_payload(payload)
        except Unreadable:
            return self._fail(id, "INVALID_INPUT", "the payload cannot be read")  # PL-4
        answers = [self._run(handler, data) for handler in handlers]
        task = asyncio.ensure_future(self._answer(id, options or {}, answers))
        self._running[id or task] = task

    def _run(self, handler, data):
        try:
            answer = handler(data)
        except Exception as error:
            answer = asyncio.get_running_loop().create_future()
            answer.set_exception(error)
        return answer

    async def _answer(self, id, options, answers):
        """The ack, once all handlers have run to their end: the first one's answer (EV-3)."""
        timeout_ms = options.get("timeoutMs")
        limit_s = timeout_ms / 1000 if type(timeout_ms) in (int, float) else None  # CA-8
        waiting = [answer for answer in answers if inspect.isawaitable(answer)]
        try:
            results = iter(await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), limit_s))
            ended = [next(results) if inspect.isawaitable(answer) else answer for answer in answers]
            faults = [result for result in ended if isinstance(result, BaseException)]
            for fault in faults:
                self._tell("fault", error=repr(fault))
            if isinstance(ended[0], BaseException):
                self._fail(id, "INTERNAL", "the handler failed")
            elif id:
                self.send([RESULT, id, *([] if options.get("receipt") is True else write_payload(ended[0]))])  # EV-2
        except asyncio.TimeoutError:
            self._fail(id, "TIMED_OUT", "the handler took too long")
        finally:
            self._running.pop(id or asyncio.current_task(), None)

    def _fail(self, id, code, message):
        if id:
            self.send([ERROR, id, code, message, 0])

    def lose(self, why, received=None):
        """The session is over, and so is all that was asked in it (CA-6)."""
        self._is_over = True
        asked, self._asked = self._asked, {}
        seen = self.sequence.written if received is None else min(received, self.sequence.written)
        for future, number, _ in asked.values():
            outcome = "not_sent" if number > seen else "unknown"
            if not future.done():
                future.set_exception(CallError("SESSION_LOST", why, outcome=outcome))
        for task in self._running.values():
            task.cancel()
