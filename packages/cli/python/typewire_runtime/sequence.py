"""The numbers of one session, in both directions, and what is kept until it is acknowledged (SQ-1 to SQ-6, RS-8)."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Optional

from .errors import Broken
from .frames import NOOP, write_container

MAX_FRAMES = 65_536  # SQ-6


class Entry:
    """A counted frame. The text of a request is made when it is written: it says what is left of its time (CA-8)."""

    __slots__ = ("text", "parts", "length", "request")

    def __init__(self, text: str, parts: list[bytes], length: int, request: Any = None) -> None:
        self.text, self.parts, self.length, self.request = text, parts, length, request

    def render(self) -> str:
        return str(self.request.render()) if self.request else self.text


class Sequence:
    def __init__(self) -> None:
        self.acknowledged = 0
        # The frames above `acknowledged`: written ones, then those that wait.
        self.kept: Deque[Entry] = deque()
        self.kept_length = 0
        # The number of the last frame that was ever written, and of the last that this connection was given.
        self.written = 0
        self.position = 0
        # The number of the last frame that was dispatched, and of the last that this connection brought.
        self.received = 0
        self.arrived = 0

    @property
    def last(self) -> int:
        return self.acknowledged + len(self.kept)

    def push(self, entry: Entry) -> int:
        """Gives a frame the next number."""
        self.kept.append(entry)
        self.kept_length += entry.length
        return self.last

    def take(self, texts: list[str], length: int) -> Optional[bytes]:
        """Adds the next texts for a message of so much in all; one with parts travels alone, as a container (WR-2, WR-9)."""
        while self.position < self.last:
            entry = self.kept[self.position - self.acknowledged]
            length -= entry.length + 1
            if texts and (length < 0 or entry.parts):
                break
            self.position += 1
            self.written = max(self.written, self.position)
            if entry.parts:
                return write_container(f"[{entry.render()}]", entry.parts)
            texts.append(entry.render())
        return None

    def acknowledge(self, number: int) -> None:
        """Lets go of what the peer has (SQ-2)."""
        if number > self.written:
            raise Broken(f"SQ-2: acknowledges {number}, which was not sent")
        while self.acknowledged < number:
            self.kept_length -= self.kept.popleft().length
            self.acknowledged += 1

    def withdraw(self, number: int) -> bool:
        """Puts a noop in the place of a frame that was never written; tells whether it was one (SQ-5)."""
        if number <= self.written:
            return False
        index = number - self.acknowledged - 1
        noop = Entry(f"[{NOOP}]", [], 4)
        self.kept_length += noop.length - self.kept[index].length
        self.kept[index] = noop
        return True

    def attach(self, peer_received: int, peer_from: int) -> None:
        """A new connection: what the peer has not received is to be written again, and it sends what is above `from`."""
        fits = self.acknowledged <= peer_received <= self.written and peer_from <= self.received
        if not fits:
            raise Broken("RS-8: the welcome does not fit what was asked")
        self.acknowledge(peer_received)
        self.position = peer_received
        self.arrived = peer_from

    def count(self) -> bool:
        """Counts a frame that came; tells whether it is new (SQ-3)."""
        self.arrived += 1
        if self.arrived <= self.received:
            return False
        self.received = self.arrived
        return True
