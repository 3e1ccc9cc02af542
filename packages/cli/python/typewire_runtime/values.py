"""Values that travel and that Python has no type for."""

from __future__ import annotations

from dataclasses import dataclass


class Undefined:
    """What JavaScript calls undefined. No caller sees it: such a member is left out, such an item is None."""

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED = Undefined()


@dataclass(frozen=True)
class Blob:
    """Bytes with a media type."""

    data: bytes
    type: str = ""


@dataclass(frozen=True)
class File:
    """Bytes with a media type, a name, and when they were changed last, in milliseconds since 1970."""

    data: bytes
    type: str = ""
    name: str = ""
    modified_ms: int = 0


@dataclass(frozen=True)
class ErrorValue:
    """An error of JavaScript's, as a value: its name and its message alone travel (PL-10)."""

    name: str
    message: str


class WireSet(list):  # type: ignore[type-arg]
    """A set as it has come, until its form says what to make of it."""


class WireMap(list):  # type: ignore[type-arg]
    """A map as it has come: lists of two."""
