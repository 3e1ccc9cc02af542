"""Payloads: JSON, and the annotations and parts beside it (PL-1 to PL-14)."""

from __future__ import annotations

import json
import math
import re
import struct
from datetime import datetime, timezone
from typing import Any, Optional, Tuple

from .errors import Unreadable
from .forms import MAX_SAFE, NUMBERS, Form, Forms, fits, pack_numbers, resolve, shape
from .frames import Parts
from .values import UNDEFINED, Blob, ErrorValue, File, WireMap, WireSet

MAX_NESTING = 512 - 2  # WR-5: the batch and the frame are around it
MAX_ANNOTATED, MAX_STEPS, MAX_HASHED = 10_000, 250_000, 10_000  # PL-6


def to_json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Half a surrogate pair has no UTF-8: then all is written in ASCII.
    return text if is_utf8(text) else json.dumps(value, allow_nan=False, separators=(",", ":"))


def is_utf8(text: str) -> bool:
    return text.isascii() or not re.search("[\ud800-\udfff]", text)


# Writing


class Payload:
    """What ends a frame: `text`, the payload and its annotations with the commas before them, and the parts."""

    __slots__ = ("text", "parts", "elements")

    def __init__(self, elements: list[Any], parts: list[bytes]) -> None:
        self.elements = elements
        self.text = "".join(f",{to_json(each)}" for each in elements)
        self.parts = parts


NOTHING = Payload([], [])


def write_payload(value: Any, form: Form, forms: Forms) -> Payload:
    """Says a value as it travels. Raises TypeError for what cannot, ValueError for what is too deep or out of range."""
    if value is UNDEFINED:
        return NOTHING
    parts: list[bytes] = []
    try:
        written, tree = _Writer(forms, parts).write(value, form, 1)
    except RecursionError:
        raise ValueError("A payload nests too deep, or holds itself.") from None
    if len(parts) > 1_000:
        raise ValueError("A payload has more than 1,000 parts (WR-8).")
    return Payload([written] if tree is None else [written, tree], parts)


Written = Tuple[Any, Any]


class _Writer:
    def __init__(self, forms: Forms, parts: list[bytes]) -> None:
        self._forms, self._parts = forms, parts

    def write(self, value: Any, form: Form, depth: int) -> Written:
        if depth > MAX_NESTING:
            raise ValueError("A payload nests too deep, or holds itself.")
        form = resolve(form, self._forms)
        while isinstance(form, tuple) and form[0] == "union":
            form = next((resolve(each, self._forms) for each in form[1] if fits(value, each, self._forms)), None)
        kind = form[0] if isinstance(form, tuple) else None
        if isinstance(form, str):
            written = self._write_leaf(value, form)
            if written is not None:
                return written
        if kind in ("set", "bag") and isinstance(value, (set, frozenset, list, tuple)):
            return self._write_list("set", list(value), lambda at: form[1], depth)
        if kind in ("map", "pairs") and isinstance(value, (dict, list, tuple)):
            pairs: list[Any] = list(value.items()) if isinstance(value, dict) else [tuple(pair) for pair in value]
            pair_form = ("tuple", (form[1], form[2]), False)
            return self._write_list("map", pairs, lambda at: pair_form, depth)
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            members, rest = (form[1], form[3] or None) if kind == "object" else ({}, form[1] if kind == "record" else None)
            return self._write_members(value, members, rest, depth)
        if isinstance(value, (list, tuple)):
            if kind == "tuple":
                return self._write_list(None, value, lambda at: form[1][at] if at < len(form[1]) else form[2] or None, depth)
            return self._write_list(None, value, lambda at: form[1] if kind == "array" else None, depth)
        return self._write_by_itself(value, depth)

    def _write_members(self, value: dict[str, Any], members: dict[str, Form], rest: Form, depth: int) -> Written:
        written: dict[str, Any] = {}
        children: dict[str, Any] = {}
        for key, member in value.items():
            written[key], tree = self.write(member, members.get(key, rest), depth + 1)
            _graft(children, key.replace("\\", "\\\\").replace(".", "\\."), tree)
        return written, children or None

    def _write_list(self, name: Optional[str], items: Any, form_at: Any, depth: int) -> Written:
        written, children = [], {}  # type: list[Any], dict[str, Any]
        for at, item in enumerate(items):
            each, tree = self.write(item, form_at(at), depth + 1)
            written.append(each)
            _graft(children, str(at), tree)
        if name is None:
            return written, children or None
        return written, [name, children] if children else [name]

    def _write_leaf(self, value: Any, form: str) -> Optional[Written]:
        if form == "bigint" and isinstance(value, int) and not isinstance(value, bool):
            return str(value), ["bigint"]
        if form == "URL" and isinstance(value, str):
            return value, ["URL"]
        if form == "undefined" and value is None:
            return None, ["undefined"]
        if form == "buffer" and isinstance(value, (bytes, bytearray, memoryview)):
            return self._part(bytes(value)), ["buffer"]
        if form in NUMBERS:
            data = bytes(value) if isinstance(value, (bytes, bytearray, memoryview)) else pack_numbers(list(value), form)
            return self._part(data), [form]
        return None

    def _write_by_itself(self, value: Any, depth: int) -> Written:
        """What no form says anything of: the value says what it is."""
        if value is None or isinstance(value, (str, bool)):
            return value, None
        if value is UNDEFINED:
            return None, ["undefined"]
        if isinstance(value, int):
            return (int(value), None) if abs(value) <= MAX_SAFE else (str(value), ["bigint"])
        if isinstance(value, float):
            if math.isfinite(value):
                return ("-0", ["number"]) if value == 0 and math.copysign(1, value) < 0 else (value, None)
            return ("NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"), ["number"]
        if isinstance(value, datetime):
            return date_text(value), ["Date"]
        if isinstance(value, (bytes, bytearray, memoryview)):
            return self._part(bytes(value)), ["bytes"]
        if isinstance(value, (set, frozenset)):
            return self._write_list("set", list(value), lambda at: None, depth)
        if isinstance(value, dict):
            return self._write_list("map", list(value.items()), lambda at: None, depth)
        if isinstance(value, Blob):
            return [self._part(value.data), value.type], ["Blob"]
        if isinstance(value, File):
            return [self._part(value.data), value.type, value.name, value.modified_ms], ["File"]
        if isinstance(value, ErrorValue):
            return {"name": value.name, "message": value.message}, ["Error"]
        if isinstance(value, BaseException):
            return {"name": type(value).__name__, "message": str(value)}, ["Error"]
        raise TypeError(f"A {type(value).__name__} cannot travel: {value!r}")

    def _part(self, data: bytes) -> int:
        self._parts.append(data)
        return len(self._parts) - 1


def _graft(children: dict[str, Any], key: str, tree: Any) -> None:
    if isinstance(tree, dict):
        for path, leaf in tree.items():
            children[f"{key}.{path}"] = leaf
    elif tree is not None:
        children[key] = tree


def date_text(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"A datetime without a time zone cannot travel: {value!r}. Say which: datetime.now(timezone.utc).")
    return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


# Reading


def read_payload(elements: list[Any], form: Form, forms: Forms) -> Any:
    """The value at the end of a frame, or UNDEFINED. Raises Unreadable."""
    if not elements:
        return UNDEFINED
    value, annotations, parts = [*elements, 0, None][:3] if len(elements) < 3 else elements[:3]
    parts = parts if isinstance(parts, Parts) else Parts()
    is_plain = type(annotations) is int and annotations == 0
    if not is_plain:
        try:
            value = _Reader(parts).revive(value, annotations)
        except RecursionError:
            raise Unreadable from None
    if parts:
        raise Unreadable  # each stands somewhere (PL-8)
    if is_plain and form is None:
        return value
    try:
        return UNDEFINED if value is UNDEFINED else shape(value, form, forms)
    except TypeError:  # what cannot be a key stands where the contract has keys
        raise Unreadable from None


class _Reader:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._annotated, self._steps, self._hashed = MAX_ANNOTATED, MAX_STEPS, MAX_HASHED

    def revive(self, value: Any, tree: Any) -> Any:
        if isinstance(tree, list) and len(tree) >= 2 and tree[0] == "each":
            return self._revive_items(value, tree[1])
        name, children = None, tree
        if isinstance(tree, list) and len(tree) in (1, 2):
            name = tree[0]
            children = tree[1] if len(tree) == 2 else {}
            self._annotated -= 1
            if len(tree) == 2 and not children:
                raise Unreadable
        elif not tree:
            raise Unreadable
        if isinstance(children, list) and len(children) >= 2 and children[0] == "each":
            value, children = self._revive_items(value, children[1]), {}
        if not isinstance(children, dict) or self._annotated < 0:
            raise Unreadable
        for path, child in children.items():  # the children first (PL-3)
            keys = _split(path)
            self._steps -= len(keys)
            if self._steps < 0:
                raise Unreadable
            holder = value
            for key in keys[:-1]:
                holder = holder[_key(holder, key)]
            last = _key(holder, keys[-1])
            holder[last] = self.revive(holder[last], child)
        return value if name is None else self._turn(name, value)

    def _revive_items(self, items: Any, tree: Any) -> list[Any]:
        """What one tree says of all items (PL-13)."""
        if not isinstance(items, list) or isinstance(items, (WireSet, WireMap)):
            raise Unreadable
        self._steps -= len(items)
        if self._steps < 0:
            raise Unreadable
        return [self.revive(item, tree) for item in items]

    def _turn(self, name: Any, value: Any) -> Any:
        if name == "undefined" and value is None:
            return UNDEFINED
        if name in ("bytes", "buffer"):
            return self._take(value)
        if isinstance(name, str) and name in NUMBERS:
            return _numbers(self._take(value), name)
        if name in ("Blob", "File"):
            return self._file(name, value)
        if name == "Error" and isinstance(value, dict):
            if all(isinstance(value.get(key), str) for key in ("name", "message")):
                return ErrorValue(value["name"], value["message"])  # PL-10
        if isinstance(value, list) and name == "set":
            return WireSet(self._count_hashed(value, value))
        if isinstance(value, list) and name == "map" and all(isinstance(pair, list) and len(pair) == 2 for pair in value):
            return WireMap(self._count_hashed(value, [pair[0] for pair in value]))
        if isinstance(value, str):
            return _turn_text(name, value)
        raise Unreadable

    def _count_hashed(self, value: list[Any], keys: list[Any]) -> list[Any]:
        self._hashed -= sum(isinstance(key, (int, float)) for key in keys)
        if self._hashed < 0:
            raise Unreadable
        return value

    def _take(self, index: Any) -> bytes:
        """A part, once (PL-8)."""
        if type(index) is not int or index not in self._parts:
            raise Unreadable
        return self._parts.pop(index)

    def _file(self, name: str, value: Any) -> Any:
        """The bytes of a Blob or a File, and what is said of them (PL-12)."""
        if not isinstance(value, list) or len(value) < (2 if name == "Blob" else 4) or not isinstance(value[1], str):
            raise Unreadable
        if name == "Blob":
            return Blob(self._take(value[0]), value[1])
        if not isinstance(value[2], str) or type(value[3]) is not int or abs(value[3]) > MAX_SAFE:
            raise Unreadable
        return File(self._take(value[0]), *value[1:4])


def _numbers(part: bytes, name: str) -> list[Any]:
    count, rest = divmod(len(part), struct.calcsize("<" + NUMBERS[name]))
    if rest:
        raise Unreadable
    return list(struct.unpack(f"<{count}{NUMBERS[name]}", part))


def _turn_text(name: Any, value: str) -> Any:
    if name == "Date":
        try:
            date = datetime.fromisoformat(value)
        except ValueError:
            raise Unreadable from None
        return date.astimezone(timezone.utc) if date.tzinfo else date.replace(tzinfo=timezone.utc)
    if name == "bigint" and len(value) <= 4096 and re.fullmatch(r"-?[0-9]+", value):
        return int(value)
    if name == "number" and value in ("NaN", "Infinity", "-Infinity", "-0"):
        return float(value)
    if name == "URL" and re.fullmatch(r"[!-~][ -~]*", value):
        host = re.match(r"(?:https?|wss?|ftp|file):/*(?:[^/?#@]*@)?([^/?#]*)", value)
        if not host or len(host.group(1)) <= 255 + len(":65535"):
            return value  # PL-14
    if name == "regexp" and value.startswith("/"):
        return value  # a pattern of JavaScript's: whoever wants it knows what to make of it
    raise Unreadable


def _split(path: str) -> list[str]:
    if "\\" not in path:
        keys = path.split(".")
    else:
        keys = [re.sub(r"\\(.)", r"\1", key) for key in re.findall(r"(?:^|\.)((?:[^.\\]|\\[.\\])*)", path)]
        if ".".join(key.replace("\\", "\\\\").replace(".", "\\.") for key in keys) != path:
            raise Unreadable
    if len(keys) > 512:
        raise Unreadable
    return keys


def _key(holder: Any, key: str) -> Any:
    """The key as this array or object has it itself (PL-5)."""
    if isinstance(holder, dict) and key in holder and key != "__proto__":
        return key
    is_list = isinstance(holder, list) and not isinstance(holder, (WireSet, WireMap))
    if is_list and re.fullmatch(r"0|[1-9][0-9]{0,9}", key) and int(key) < len(holder):
        return int(key)
    raise Unreadable
