"""What is asked of the server, or told it: a call, or an event."""

from __future__ import annotations

import asyncio
import math
from typing import Any, Callable, Deque, Optional

from .errors import TypewireError
from .frames import CALL, EVENT, utf16_length
from .payloads import NOTHING, Payload, to_json


class Request:
    """`place`: the queue in which it waits, without a number. `future`: none for an event that asks for no ack."""

    def __init__(
        self,
        kind: int,
        name: str,
        payload: Payload = NOTHING,
        *,
        scope: Any,
        room: Any = None,
        future: Optional["asyncio.Future[Any]"] = None,
        options: Optional[dict[str, Any]] = None,
        on_result: Optional[Callable[[list[Any]], Any]] = None,
        make_error: Optional[Callable[..., TypewireError]] = None,
        is_internal: bool = False,
        is_idempotent: bool = False,
        reader: Any = None,
        upload: Any = None,
    ) -> None:
        self.kind, self.name, self.payload, self.scope, self.room, self.future = kind, name, payload, scope, room, future
        self.options, self.on_result, self.make_error = options or {}, on_result, make_error
        self.is_internal, self.is_idempotent, self.reader, self.upload = is_internal, is_idempotent, reader, upload
        self.id = self.number = self.room_number = 0
        self.deadline: Optional[float] = None
        self.says_timeout = False
        self.limit_s = 0.0
        self.own_timeout_ms: Optional[int] = None
        self.timer: Optional[asyncio.TimerHandle] = None
        self.place: Optional[Deque[Request]] = None
        self.session: Any = None

    @property
    def is_limited(self) -> bool:
        """Whether it is one of those of which the server runs `maxCalls` (LM-2, ST-8)."""
        return self.future is not None and self.reader is None and self.upload is None

    @property
    def is_over(self) -> bool:
        return self.future is not None and self.future.done()

    @property
    def length(self) -> int:
        return utf16_length(self.payload.text) + sum(map(len, self.payload.parts)) + len(self.name) + 64

    def render(self) -> str:
        options = dict(self.options)
        if self.says_timeout and self.deadline is not None:
            left = self.deadline - asyncio.get_running_loop().time()
            options["timeoutMs"] = max(1, math.ceil(left * 1000))
        head: list[Any] = [self.kind, self.id]
        if self.kind not in (CALL, EVENT):
            head.append(self.room_number)
        head += [self.name, options or 0]
        return f"{to_json(head)[:-1]}{self.payload.text}]"

    def settle(self, value: Any) -> None:
        self.stop_timer()
        if self.future is not None and not self.future.done():
            self.future.set_result(value)

    def fail(self, error: BaseException) -> None:
        self.stop_timer()
        if self.future is not None and not self.future.done():
            self.future.set_exception(error)
            self.future.exception()  # nobody has to await it
        if self.reader is not None:
            self.reader.end(error)
        if self.upload is not None:
            self.upload.stop()

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
