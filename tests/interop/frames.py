"""Messages and frames of Typewire's protocol: from text to frames whose shape is right, or the clause that is broken."""

import json
import re
import struct

HELLO, WELCOME, GONE, CLOSE, PING, PONG, ACK, DRAIN = 0, 1, 2, 3, 4, 5, 6, 9
NOOP, CALL, RESULT, ERROR, CANCEL, EVENT, ROOM_EVENT, LEFT = 16, 17, 18, 19, 23, 24, 25, 28

FIRST_COUNTED = 16
MAX_COUNT = 2**53 - 1


class Broken(Exception):
    """The server broke a clause: the connection is closed with BAD_FRAME."""


def utf16_length(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_count(value):
    return type(value) is int and 0 <= value <= MAX_COUNT


def is_text(value):
    return isinstance(value, str) and utf16_length(value) <= 1024


def is_object(value):
    return isinstance(value, dict)


def is_options(value):
    return isinstance(value, dict) or (is_count(value) and value == 0)


def is_count_or_null(value):
    return value is None or is_count(value)


# The elements behind the kind, of frames that a server sends (FR-4). A payload may follow, or may be missing.
SHAPES = {
    WELCOME: (is_object,),
    GONE: (is_count_or_null,),
    CLOSE: (is_count, is_text, is_options),
    PING: (is_count, is_count),
    PONG: (is_count, is_count),
    ACK: (is_count,),
    DRAIN: (is_count,),
    RESULT: (is_count,),
    ERROR: (is_count, is_text, is_text, is_options),
    CANCEL: (is_count,),
    EVENT: (is_count, is_text, is_options),
    ROOM_EVENT: (is_count, is_count, is_text, is_options),
    LEFT: (is_count, is_text),
}
HAVE_PAYLOADS = (RESULT, ERROR, EVENT, ROOM_EVENT)


class Parts(dict):
    """The parts of a frame, by their indexes. They stand behind its annotations, where no JSON can put them."""


def parse_message(message):
    """The frames of a message, and its length. Frames of unknown kinds are among them (FR-2)."""
    text, parts = (message, None) if isinstance(message, str) else _read_container(message)
    batch = _parse_batch(text)
    if parts is None:
        return batch, utf16_length(text)
    if len(batch) != 1:
        raise Broken("WR-9: parts of a batch that is not one frame")
    if batch[0][0] in HAVE_PAYLOADS:
        payload_at = len(SHAPES[batch[0][0]]) + 1
        frame = batch[0][: payload_at + 2]
        batch = [[*frame, *[0] * (payload_at + 2 - len(frame)), parts]]
    return batch, utf16_length(text) + sum(map(len, parts.values()))


def _read_container(message):
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


def _parse_batch(text):
    try:
        batch = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Broken("WR-4: not JSON") from None
    if not isinstance(batch, list):
        raise Broken("WR-1: not an array of frames")
    for frame in batch:
        if not isinstance(frame, list) or not frame or not is_count(frame[0]):
            raise Broken("FR-1: a frame without a kind")
        if frame[0] == CALL:
            raise Broken("FR-5: a server does not call")
        shape = SHAPES.get(frame[0], ())
        if len(frame) <= len(shape) or not all(fits(element) for fits, element in zip(shape, frame[1:])):
            raise Broken(f"FR-4: a frame of kind {frame[0]}")
    return batch


def _refuse(constant):
    raise ValueError(constant)


_token = re.compile(r"[A-Za-z0-9_.~:/+=-]{1,256}")


def is_token(value):
    return isinstance(value, str) and _token.fullmatch(value) is not None


def check_welcome(body):
    """Closes for a welcome whose body is not as the table says (HS-6)."""
    counts = ("version", "received", "from", "window", "maxCalls", "maxMessageBytes")
    resume, heartbeat = body.get("resume"), body.get("heartbeat")
    is_right = (
        all(is_count(body.get(name)) for name in counts)
        and body["version"] == 1
        and is_token(body.get("session"))
        and is_count(body.get("maxTimeoutMs", 0))
        and (resume is None or (is_object(resume) and is_token(resume.get("secret")) and is_count(resume.get("windowMs"))))
        and (
            heartbeat is None
            or (is_object(heartbeat) and is_count(heartbeat.get("intervalMs")) and is_count(heartbeat.get("timeoutMs")))
        )
    )
    if not is_right:
        raise Broken("HS-6: a welcome of another shape")
