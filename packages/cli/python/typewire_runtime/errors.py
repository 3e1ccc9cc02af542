"""What may go wrong with what was asked of the other side."""

from __future__ import annotations

from typing import Any, Mapping, Sequence


class TypewireError(Exception):
    """An error of a call, of an event that asked for an ack, of a join, or of the connection.

    `code`: one of the contract's, or one of Typewire's own (docs/errors.md). `data`: what an error of the contract carries.
    `issues`: where an input does not match its schema. `incident`: finds the details in the log of the side that failed.
    `outcome`, where no answer came: whether the other side can have seen it, "not_sent" or "unknown".
    """

    data: Any

    def __init__(
        self,
        code: str,
        message: str,
        *,
        data: Any = None,
        issues: Sequence[Mapping[str, Any]] = (),
        incident: str | None = None,
        outcome: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.data = code, message, data
        self.issues, self.incident, self.outcome = tuple(issues), incident, outcome


class Broken(Exception):
    """The server broke a clause: the connection is closed with BAD_FRAME."""


class Unreadable(Exception):
    """Annotations that are none, or do not fit the JSON beside them (PL-4)."""
