"""What a generated client knows of its contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple, Type

from .errors import TypewireError
from .forms import Form, Forms

Errors = Mapping[str, Tuple[Type[TypewireError], Form]]


@dataclass(frozen=True)
class Procedure:
    """`name` is as on the wire, without the namespace. `output` of a stream is that of its items, `items` those of an upload."""

    name: str
    input: Form = None
    output: Form = None
    errors: Errors = field(default_factory=dict)
    idempotent: bool = False
    timeout_ms: Optional[int] = None
    is_stream: bool = False
    is_keyed: bool = False
    is_upload: bool = False
    items: Form = None


@dataclass(frozen=True)
class Event:
    name: str
    payload: Form = None
    ack: Form = None
    has_payload: bool = True
    has_ack: bool = False


@dataclass(frozen=True)
class RoomKind:
    name: str
    params: Form = None
    given: Form = None
    seen: Form = None
    events: Mapping[str, Event] = field(default_factory=dict)

    @property
    def seen_frame(self) -> Form:
        """Of a presence frame (PR-2, PR-3)."""
        entries = ("array", ("union", ("string", ("tuple", ("string", None, self.seen), False), None)))
        return None if self.seen is None else ("object", {"entries": entries, "changes": entries}, (), None)


@dataclass(frozen=True)
class Contract:
    """`events`: those to the client, by their whole names on the wire."""

    fingerprint: str
    forms: Forms = field(default_factory=dict)
    auth: Form = None
    events: Mapping[str, Event] = field(default_factory=dict)
    namespaces: Mapping[str, Any] = field(default_factory=dict)
