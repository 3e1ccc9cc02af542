"""Rooms that a client has joined: their events, who is there, what was before (RM, HI, PR)."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Any, Callable, Generic, Optional, Sequence, TypeVar

from .contract import Event, RoomKind
from .errors import Broken, TypewireError, Unreadable
from .frames import CALL, ROOM_EVENT, is_count
from .hearers import Handler, Hearers
from .payloads import write_payload
from .requests import Request
from .values import UNDEFINED

Seen = TypeVar("Seen")
Self = TypeVar("Self", bound="Room[Any]")


@dataclass(frozen=True)
class Entry(Generic[Seen]):
    """One session in a room, and what it says of itself, or the server of it."""

    session: str
    data: Seen


@dataclass(frozen=True)
class Member(Generic[Seen]):
    """Who is in a room, with all of their sessions. `identity` is None for a session of nobody in particular."""

    identity: Optional[str]
    entries: Sequence[Entry[Seen]]


@dataclass(frozen=True)
class HistoryEvent:
    offset: int
    name: str
    payload: Any


@dataclass(frozen=True)
class HistoryPage:
    """Events, the oldest first; `before` is what to give to read on."""

    events: Sequence[HistoryEvent]
    before: Any
    has_more: bool


class Presence:
    """Who is in a room, as its number's `presence` frames tell (PR-2, PR-3, PR-7)."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[Optional[str], Any]] = {}
        self.count: Optional[int] = None

    def take(self, payload: list[Any], read: Callable[[Any], Any]) -> None:
        body = payload[0] if payload else None
        if not isinstance(body, dict):
            raise Broken("PR-2: a presence frame without a body")
        if isinstance(body.get("entries"), list):
            entries, self.entries, self.count = body["entries"], {}, None
            for entry in entries:
                self._set(entry)
        elif isinstance(body.get("changes"), list):
            for change in body["changes"]:
                if isinstance(change, str):
                    self.entries.pop(change, None)
                else:
                    self._set(change)
        elif is_count(body.get("count")):
            self.entries, self.count = {}, body["count"]
        else:
            raise Broken("PR-2: a presence frame that says nothing")

    def _set(self, entry: Any) -> None:
        is_entry = isinstance(entry, (list, tuple)) and len(entry) >= 2 and isinstance(entry[0], str)
        if not is_entry or not (entry[1] is None or isinstance(entry[1], str)):
            raise Broken("PR-2: an entry of another shape")
        self.entries[entry[0]] = (entry[1], entry[2] if len(entry) > 2 else None)

    def members(self) -> list[Member[Any]]:
        gathered: dict[Any, tuple[Optional[str], list[Entry[Any]]]] = {}
        for session, (identity, data) in self.entries.items():
            key = (0, session) if identity is None else (1, identity)  # PR-9: they may be the same string
            gathered.setdefault(key, (identity, []))[1].append(Entry(session, data))
        return [Member(identity, entries) for identity, entries in gathered.values()]


class Room(Generic[Seen]):
    """A membership: awaited, it is joined. In a new session it is joined again by itself, until `leave` or the server's word."""

    kind: RoomKind

    def __init__(self, scope: Any, kind: RoomKind, params: Any, presence: Any, last: Optional[int]) -> None:
        self.kind, self.number, self.waiting = kind, 0, scope.client.new_queue()
        self._scope, self._client, self._last = scope, scope.client, last
        self._params = UNDEFINED if params is None else params
        self._presence = UNDEFINED if presence is None else presence
        self._hearers = Hearers(self._report_dropped)
        self._lost_hearers: list[Handler] = []
        self._left_hearers: list[Handler] = []
        self._presence_hearers: list[Handler] = []
        self._epoch, self._offset, self._join_id, self._failures = None, 0, 0, 0  # type: Optional[str], int, int, int
        self._state = "joining"
        self._was_joined = False
        self._request: Optional[Request] = None
        self._retry: Optional[asyncio.TimerHandle] = None
        self._joined: "asyncio.Future[None]" = asyncio.get_running_loop().create_future()
        self._joined.add_done_callback(_retrieve)
        self._input()  # refuses what cannot travel, at once

    # What users call

    def __await__(self: Self) -> Any:
        return self._wait().__await__()

    async def __aenter__(self: Self) -> Self:
        return await self._wait()

    async def __aexit__(self, *_: object) -> None:
        if self._state != "left":
            await self.leave()

    @property
    def is_joined(self) -> bool:
        return self._state == "joined"

    @property
    def members(self) -> list[Member[Seen]]:
        """Who is there, in the order in which they came. Empty where only the `count` is told."""
        presence = self._presence_of_room()
        return presence.members() if presence else []

    @property
    def count(self) -> int:
        """How many members are there."""
        presence = self._presence_of_room()
        if presence is None:
            return 0
        return len(presence.members()) if presence.count is None else presence.count

    def on_presence(self, handler: Callable[[], object]) -> Callable[[], None]:
        """Called whenever `members` or `count` has changed."""
        return _listen(self._presence_hearers, handler)

    def on_left(self, handler: Callable[[str], object]) -> Callable[[], None]:
        """Called with a reason when the membership ends by the server."""
        return _listen(self._left_hearers, handler)

    def on_missed(self, handler: Callable[[], object]) -> Callable[[], None]:
        """Called when events of the room were missed for good, or may have been: read anew what they tell of."""
        return _listen(self._lost_hearers, handler)

    async def history(self, *, limit: Optional[int] = None, before: Any = None) -> HistoryPage:
        """Events of before. Raises FORBIDDEN where the room keeps none, or this client may not read it."""
        await self._wait()
        given = {"room": self.number, **({} if limit is None else {"limit": limit}), **({} if before is None else {"before": before})}
        page = await self._client.ask(self._scope, "$history", given)
        if not isinstance(page, dict) or not isinstance(page.get("events"), list):
            raise TypewireError("INVALID_ACK", "the answer to $history cannot be read")
        return HistoryPage([self._read_event(each) for each in page["events"]], page.get("before"), page.get("hasMore") is True)

    def _read_event(self, event: Any) -> HistoryEvent:
        if not isinstance(event, list) or len(event) < 2:
            raise TypewireError("INVALID_ACK", "the answer to $history cannot be read")
        offset, name, *payload = event
        form = self.kind.events[name].payload if name in self.kind.events else None
        try:
            value = self._client.read(payload, form)
        except Unreadable:
            raise TypewireError("INVALID_ACK", f"an event {name} of the history cannot be read") from None
        return HistoryEvent(offset, name, None if value is UNDEFINED else value)

    async def leave(self) -> None:
        """Ends the membership. Nothing of the room comes behind it."""
        was_joined, join_id = self._state == "joined", self._join_id
        self._end(TypewireError("CLOSED", f"Room {self.kind.name} was left."))
        if was_joined and self._client.has_session:
            await self._client.ask(self._scope, "$leave", {"join": join_id})  # RM-4

    # What generated code calls

    def add_handler(self, event: str, handler: Handler) -> Callable[[], None]:
        return self._hearers.add(event, handler)

    def emit_event(self, event: Event, payload: Any, volatile: bool) -> None:
        self._client.emit_event(self._scope, event, payload, volatile, ROOM_EVENT, self)

    async def emit_event_with_ack(self, event: Event, payload: Any, timeout_s: Optional[float]) -> Any:
        return await self._client.emit_event_with_ack(self._scope, event, payload, timeout_s, ROOM_EVENT, self)

    async def say_presence(self, presence: Any) -> None:
        self._presence = UNDEFINED if presence is None else presence
        self._input()
        await self._wait()
        given = {"room": self.number} if presence is None else {"room": self.number, "presence": presence}
        await self._client.ask(self._scope, "$presence", given, ("object", {"presence": self.kind.given}, (), None))

    # What the client calls

    @property
    def is_over(self) -> bool:
        return self._state == "left"

    @property
    def hearers(self) -> Hearers:
        return self._hearers

    def start(self) -> None:
        """Asks to join, in a session of which it is no member."""
        if self._state == "left":
            return
        self._state, self.number, self._retry = "joining", 0, None
        if self._request is not None and not self._request.is_over:
            return
        future: "asyncio.Future[Any]" = asyncio.get_running_loop().create_future()
        future.add_done_callback(self._on_answer)
        self._request = Request(
            CALL, "$join", self._input(),
            scope=self._scope, future=future, is_internal=True, on_result=self._on_result,
        )  # fmt: skip
        self._client.submit_internal(self._request)

    def lose(self) -> None:
        """The session is lost: it is joined again in the next one."""
        if self._retry is not None:
            self._retry.cancel()
        if self._state != "left":
            self._state, self.number, self._request, self._retry = "joining", 0, None, None

    def end_by(self, reason: str) -> None:
        self.on_server_left(reason)

    def on_server_left(self, reason: str) -> None:
        if self._state == "left":
            return
        self._end(TypewireError("FORBIDDEN", f"The server ended the membership of room {self.kind.name}: {reason}"))
        self._client.tell(self._left_hearers, reason)

    def on_position(self, epoch: str, offset: int, is_missed: bool) -> None:
        self._epoch, self._offset = epoch, offset
        if is_missed:
            self._client.tell(self._lost_hearers)

    def takes(self, offset: Any) -> bool:
        """Whether an event is news (HI-5)."""
        if not is_count(offset) or self._epoch is None:
            return True
        if offset <= self._offset:
            return False
        self._offset = offset
        return True

    def on_presence_changed(self) -> None:
        self._client.tell(self._presence_hearers)

    def _report_dropped(self, name: str) -> None:
        self._client.report(None, f"an event {name} of a room came before its handler, and was dropped")

    def _presence_of_room(self) -> Optional[Presence]:
        presence: Optional[Presence] = self._client.presence_of(self.number)
        return presence

    async def _wait(self: Self) -> Self:
        try:
            await asyncio.shield(self._joined)
        except asyncio.CancelledError:
            if not self._joined.done() and not self._was_joined:
                self._end(TypewireError("ABORTED", "The join was given up."))
            raise
        return self

    def _input(self) -> Any:
        value: dict[str, Any] = {"kind": self._scope.prefix + self.kind.name}
        members = {"params": self.kind.params, "presence": self.kind.given}
        for key, member in (("params", self._params), ("presence", self._presence)):
            if member is not UNDEFINED:
                value[key] = member
        if self._epoch is not None:
            value["since"] = {"epoch": self._epoch, "offset": self._offset}  # HI-4
        elif self._last is not None:
            value["last"] = self._last
        payload = write_payload(value, ("object", members, (), None), self._client.forms)
        if payload.parts:
            raise ValueError("The params of a room, and presence, hold no bytes (PL-9).")
        return payload

    def _on_result(self, payload: list[Any]) -> None:
        """The membership begins where the result stands in the sequence (RM-3)."""
        result = payload[0] if payload else None
        if not isinstance(result, dict) or not is_count(result.get("room")) or result["room"] == 0:
            raise Unreadable
        assert self._request is not None
        self.number, self._join_id = result["room"], self._request.id
        if isinstance(result.get("epoch"), str) and is_count(result.get("offset")):
            self._epoch, self._offset = result["epoch"], result["offset"]
        self._client.enter(self)
        is_missed = self._was_joined and result.get("recovered") is not True
        self._state, self._was_joined, self._failures = "joined", True, 0
        if not self._joined.done():
            self._joined.set_result(None)
        if is_missed:
            self._client.tell(self._lost_hearers)

    def _on_answer(self, future: "asyncio.Future[Any]") -> None:
        error = None if future.cancelled() else future.exception()
        if self._request is None or self._request.future is not future or self._state != "joining":
            return
        if error is None:
            return
        code = error.code if isinstance(error, TypewireError) else "INTERNAL"
        if code == "SESSION_LOST":
            return  # the next one asks again
        if self._was_joined and code in ("OVERLOADED", "INTERNAL", "TIMED_OUT"):  # RM-3
            bound_s = min(30, 0.5 * 2**self._failures)
            self._failures = min(self._failures + 1, 10)
            self._request = None
            self._retry = asyncio.get_running_loop().call_later(random.uniform(0, bound_s), self.start)
            return
        was_joined = self._was_joined
        self._end(error)
        if was_joined:
            self._client.tell(self._left_hearers, str(error))

    def _end(self, error: BaseException) -> None:
        if self._retry is not None:
            self._retry.cancel()
        request, self._request = self._request, None
        was_joining, self._state = self._state == "joining", "left"
        if was_joining and request is not None and not request.is_over:
            self._client.withdraw(request)
        self._client.forget(self)
        if not self._joined.done():
            self._joined.set_exception(error)
        while self.waiting:
            waiting = self.waiting.popleft()
            waiting.place = None
            waiting.fail(error)


def _retrieve(future: "asyncio.Future[None]") -> None:
    """Nobody has to await it."""
    if not future.cancelled():
        future.exception()


def _listen(handlers: list[Handler], handler: Handler) -> Callable[[], None]:
    handlers.append(handler)

    def remove() -> None:
        if handler in handlers:
            handlers.remove(handler)

    return remove
