"""Messages and frames: from text to frames whose shape is right, or the clause that is broken."""

from __future__ import annotations

import json
import re
import struct
from typing import Any, Callable, Dict, List, Tuple

from .errors import Broken

HELLO, WELCOME, GONE, CLOSE, PING, PONG, ACK, VOLATILE, DRAIN = 0, 1, 2, 3, 4, 5, 6, 8, 9
NOOP, CALL, RESULT, ERROR, ITEM, END, CREDIT, CANCEL, EVENT, ROOM_EVENT = range(16, 26)
POSITION, PRESENCE, LEFT, JOINED, CLOSED = range(26, 31)

FIRST_COUNTED = 16
MAX_COUNT = 2**53 - 1
MAX_NESTING = 512

Frame = List[Any]


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_COUNT


def is_id(value: Any) -> bool:
    return is_count(value) and value > 0


def is_text(value: Any) -> bool:
    return isinstance(value, str) and utf16_length(value) <= 1024


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def is_options(value: Any) -> bool:
    return isinstance(value, dict) or (is_count(value) and value == 0)


def is_count_or_null(value: Any) -> bool:
    return value is None or is_count(value)


Check = Callable[[Any], bool]

# The elements behind the kind, of frames that a server sends (FR-4). A payload may follow, or may be missing.
SHAPES: Dict[int, Tuple[Check, ...]] = {
    WELCOME: (is_object,),
    GONE: (is_count_or_null,),
    CLOSE: (is_count, is_text, is_options),
    PING: (is_count, is_count),
    PONG: (is_count, is_count),
    ACK: (is_count,),
    VOLATILE: (is_count, is_text, is_options),
    DRAIN: (is_count,),
    RESULT: (is_count,),
    ERROR: (is_count, is_text, is_text, is_options),
    ITEM: (is_id, is_options),
    CREDIT: (is_id, is_count, is_count, is_count),
    CANCEL: (is_count,),
    EVENT: (is_count, is_text, is_options),
    ROOM_EVENT: (is_count, is_count, is_text, is_options),
    POSITION: (is_count, is_text, is_count, is_options),
    PRESENCE: (is_count,),
    LEFT: (is_count, is_text),
    JOINED: (is_count, is_text),
    CLOSED: (is_text, is_text, is_options),
}
HAVE_PAYLOADS = (VOLATILE, RESULT, ERROR, ITEM, EVENT, ROOM_EVENT, PRESENCE, JOINED)


class Parts(Dict[int, bytes]):
    """The parts of a frame, by their indexes. They stand behind its annotations, where no JSON can put them."""


def parse_message(message: Any) -> tuple[list[Frame], int]:
    """The frames of a message, and its length. Frames of unknown kinds are among them (FR-2)."""
    text, parts = (message, None) if isinstance(message, str) else _read_container(bytes(message))
    batch = _parse_batch(text)
    if parts is None:
        return batch, utf16_length(text)
    if len(batch) != 1:
        raise Broken("WR-9: parts of a batch that is not one frame")
    if batch[0][0] in HAVE_PAYLOADS:
        payload_at = len(SHAPES[batch[0][0]]) + 1
        if len(batch[0]) > payload_at:
            frame = batch[0][: payload_at + 2]
            batch = [[*frame, *[0] * (payload_at + 2 - len(frame)), parts]]
    return batch, utf16_length(text) + sum(map(len, parts.values()))


def write_container(text: str, parts: list[bytes]) -> bytes:
    """A batch and its parts, as one binary message (WR-8)."""
    encoded = text.encode()
    lengths = struct.pack(f">{len(parts)}I", *map(len, parts))
    return b"".join((struct.pack(">II", len(encoded), len(parts)), encoded, lengths, *parts))


def _read_container(message: bytes) -> tuple[str, Parts | None]:
    """The text of a binary message, and its parts, if it has any (WR-3, WR-8)."""
    try:
        text_length, count = struct.unpack_from(">II", message)
        if count > 1000:
            raise Broken("WR-8: too many parts")
        at = 8 + text_length
        lengths = struct.unpack_from(f">{count}I", message, at)
        text = message[8:at].decode("utf-8")
    except (struct.error, UnicodeDecodeError):
        raise Broken("WR-3: a binary message that is no container") from None
    at += 4 * count
    parts = Parts()
    for index, length in enumerate(lengths):
        parts[index] = message[at : at + length]
        at += length
    if at != len(message):
        raise Broken("WR-3: a binary message that is no container")
    return text, parts if count else None


def _parse_batch(text: str) -> list[Frame]:
    if _nests_deeper(text, MAX_NESTING):
        raise Broken("WR-5: nests too deep")
    try:
        batch = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Broken("WR-4: not JSON") from None
    if not isinstance(batch, list):
        raise Broken("WR-1: not an array of frames")
    for frame in batch:
        if not isinstance(frame, list) or not frame or not is_count(frame[0]):
            raise Broken("FR-1: a frame without a kind")
        if frame[0] in (CALL, END):
            raise Broken("FR-5: a frame that clients alone send")
        shape = SHAPES.get(frame[0], ())
        if len(frame) <= len(shape) or not all(fits(element) for fits, element in zip(shape, frame[1:])):
            raise Broken(f"FR-4: a frame of kind {frame[0]}")
    return batch


def _refuse(constant: str) -> None:
    raise ValueError(constant)


_strings_or_brackets = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def _nests_deeper(text: str, limit: int) -> bool:
    if text.count("[") + text.count("{") <= limit:
        return False
    depth = 0
    for found in _strings_or_brackets.finditer(text):
        sign = found.group()
        if sign in "[{":
            depth += 1
            if depth > limit:
                return True
        elif sign in "]}":
            depth -= 1
    return False


_token = re.compile(r"[A-Za-z0-9_.~:/+=-]{1,256}")


def is_token(value: Any) -> bool:
    return isinstance(value, str) and _token.fullmatch(value) is not None


def check_welcome(body: dict[str, Any]) -> None:
    """Closes for a welcome whose body is not as the table says (HS-6)."""
    counts = ("version", "received", "from", "window", "maxCalls", "maxMessageBytes")
    resume, heartbeat = body.get("resume"), body.get("heartbeat")
    is_right = (
        all(is_count(body.get(name)) for name in counts)
        and body["version"] == 1
        and is_token(body.get("session"))
        and all(is_count(body.get(name, 0)) for name in ("maxTimeoutMs", "authExpiresInMs"))
        and all(is_token(body.get(name, "-")) for name in ("identity", "route"))
        and isinstance(body.get("timeLimits", {}), dict)
        and (resume is None or (is_object(resume) and is_token(resume.get("secret")) and is_count(resume.get("windowMs"))))
        and (
            heartbeat is None
            or (is_object(heartbeat) and is_count(heartbeat.get("intervalMs")) and is_count(heartbeat.get("timeoutMs")))
        )
    )
    if not is_right:
        raise Broken("HS-6: a welcome of another shape")
