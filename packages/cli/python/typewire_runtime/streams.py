"""Calls that answer with many items, and calls that are made of many (ST-1 to ST-9)."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from typing import Any, AsyncIterator, Callable, Deque, Generic, Optional, TypeVar

from .errors import Broken, TypewireError, Unreadable
from .frames import CREDIT, END, ITEM
from .payloads import to_json

Item = TypeVar("Item")

CREDIT_ITEMS, CREDIT_LENGTH, FIRST_LENGTH = 256, 1_048_576, 262_144
MAX_UNREAD = 4_096


class Reader:
    """The items of one stream that have come and were not read. It outlives a session where its items have keys (ST-9)."""

    def __init__(self, read: Callable[[list[Any]], Any]) -> None:
        self.request: Any = None
        self.last_key: Optional[str] = None
        self._read_item = read
        self._items: Deque[tuple[int, int, Any]] = deque()  # the call that it is of, its length, and the item
        self._changed = asyncio.Event()
        self._is_over, self._error = False, None  # type: bool, Optional[BaseException]
        self._round = 0
        self._begin()

    def _begin(self) -> None:
        self._up_to, self._allowed, self._arrived = CREDIT_ITEMS, FIRST_LENGTH, 0
        self._read = self._unsaid_items = self._unsaid_length = 0

    def call_again(self) -> dict[str, Any]:
        """The options of the call in another session: what is counted begins anew."""
        self._round += 1
        self._begin()
        self._up_to = max(1, CREDIT_ITEMS - len(self._items))
        return {"credit": self._up_to, "after": self.last_key}

    def take(self, options: dict[str, Any], payload: list[Any], length: int) -> None:
        self._arrived += 1
        if self._arrived > self._up_to:
            raise Broken("ST-2: an item without credit")
        if self._is_over:
            return
        try:
            item = self._read_item(payload)
        except Unreadable:
            return self._give_up(TypewireError("INVALID_ACK", f"an item of {self.request.name} cannot be read"))
        key = options.get("key")
        self.last_key = key if isinstance(key, str) else self.last_key
        self._items.append((self._round, length, item))
        self._changed.set()

    def end(self, error: Optional[BaseException]) -> None:
        if not self._is_over:
            self._is_over, self._error = True, error
            self._changed.set()

    async def next(self) -> Any:
        while not self._items:
            if self._error is not None:
                raise self._error
            if self._is_over:
                raise StopAsyncIteration
            if self._unsaid_items and self._unsaid_length >= self._allowed / 16:
                self._say()
            self._changed.clear()
            await self._changed.wait()
        round, length, item = self._items.popleft()
        if round == self._round:
            self._read += 1
            self._unsaid_length += length
        self._unsaid_items += 1
        if self._unsaid_items >= CREDIT_ITEMS / 2 or self._unsaid_length >= self._allowed / 2:
            self._say()
        return item

    def _say(self) -> None:
        request = self.request
        if self._is_over or request.session is None or request.session.asked.get(request.id) is not request:
            return
        waits = len(self._items) - sum(round == self._round for round, _, _ in self._items)  # of a call before this one
        self._up_to = max(self._up_to, self._read + max(1, CREDIT_ITEMS - waits))
        self._allowed, self._unsaid_items, self._unsaid_length = CREDIT_LENGTH, 0, 0
        request.session.push_control(CREDIT, request.id, self._up_to, self._read, self._allowed)

    def _give_up(self, error: Optional[BaseException]) -> None:
        self.end(error)
        self.request.scope.client.withdraw(self.request)
        if self.request.upload is not None:
            self.request.upload.stop()

    def close(self) -> None:
        if not self._is_over:
            self._items.clear()
            self._give_up(None)


class Stream(Generic[Item]):
    """What a stream answers with: `async for item in stream`. Leaving the loop early, or `await stream.aclose()`, withdraws it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._loop = asyncio.get_running_loop()

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        item: Item = await self._reader.next()
        return item

    async def aclose(self) -> None:
        self._reader.close()

    async def __aenter__(self) -> "Stream[Item]":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reader.close()

    def __del__(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._reader.close)


class Upload:
    """Sends what a call is made of, item by item, as far as the server lets it (ST-2, ST-3)."""

    def __init__(self, items: Any, write: Callable[[Any], Any]) -> None:
        self.request: Any = None
        self.changed = asyncio.Event()
        self.has_begun = False
        self._items, self._write = items, write
        self._up_to = self._read = self._allowed = self._sent = 0
        self._out: Deque[int] = deque()  # the lengths of items that were sent and not read
        self._out_length = 0
        self._is_stopped = False
        self._task: Optional["asyncio.Task[None]"] = None

    def on_credit(self, up_to: int, read: int, allowed: int) -> None:
        if up_to == 0:
            return self.stop()  # nobody reads more (ST-5)
        self._up_to, self._allowed = max(self._up_to, up_to), allowed
        while self._read < min(read, self._sent):
            self._out_length -= self._out.popleft()
            self._read += 1
        self.request.scope.client.restart_timer(self.request)  # ST-7
        self.changed.set()
        if not self.has_begun:
            self.has_begun = True
            self._task = asyncio.ensure_future(self._run())

    def stop(self) -> None:
        self._is_stopped = True
        self.changed.set()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    def _may_send(self) -> bool:
        fits = self._out_length <= self._allowed if self._allowed else not self._out
        return self._sent < self._up_to and fits and len(self._out) < MAX_UNREAD and not self.request.session.is_full

    async def _run(self) -> None:
        try:
            if hasattr(self._items, "__aiter__"):
                async for item in self._items:
                    await self._send(item)
            else:
                for item in self._items:
                    await self._send(item)
            if not self._is_stopped:
                self.request.session.push_control(END, self.request.id)
        except Exception as error:  # of what it is made from, or an item that cannot travel
            if not self._is_stopped:
                self.request.scope.client.withdraw(self.request)
                self.request.fail(error)
        finally:
            close = getattr(self._items, "aclose", None)
            if close is not None and inspect.isasyncgen(self._items):
                await close()

    async def _send(self, item: Any) -> None:
        while not self._may_send():
            self.changed.clear()
            await self.changed.wait()
        payload = self._write(item)
        text = f"{to_json([ITEM, self.request.id, 0])[:-1]}{payload.text}]"
        length = len(text) + sum(map(len, payload.parts))
        self.request.session.push(text, payload.parts)
        self._sent += 1
        self._out.append(length)
        self._out_length += length
