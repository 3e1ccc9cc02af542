"""Handlers of events. What comes before anybody could have said what to do with it is kept until they have."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Callable, Deque, Optional

Handler = Callable[..., Any]
MAX_HELD = 1_000


class Hearers:
    """Until the first handler there is, events are held, `MAX_HELD` at most: then all go to the handlers of that turn."""

    def __init__(self, on_dropped: Callable[[str], None]) -> None:
        self._handlers: dict[str, list[Handler]] = {}
        self._held: Optional[Deque[tuple[str, Callable[[], None]]]] = deque()
        self._on_dropped = on_dropped

    def add(self, name: str, handler: Handler) -> Callable[[], None]:
        """Gives what takes it back."""
        handlers = self._handlers.setdefault(name, [])
        handlers.append(handler)
        if self._held is not None and not self._held:
            self._held = None
        elif self._held is not None and sum(map(len, self._handlers.values())) == 1:
            asyncio.get_running_loop().call_soon(self._release)

        def remove() -> None:
            if handler in handlers:
                handlers.remove(handler)

        return remove

    def of(self, name: str) -> list[Handler]:
        return list(self._handlers.get(name, ()))

    def hold(self, name: str, deliver: Callable[[], None]) -> bool:
        """Whether an event is held: `deliver` follows later, or never."""
        if self._held is None:
            return False
        if len(self._held) >= MAX_HELD:
            self._on_dropped(self._held.popleft()[0])
        self._held.append((name, deliver))
        return True

    def _release(self) -> None:
        held, self._held = self._held or (), None
        for _, deliver in held:
            deliver()
