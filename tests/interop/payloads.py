"""Payloads of Typewire's protocol: JSON, and the annotations and parts beside it (PL-1 to PL-13)."""

import math
import re
import struct
from datetime import datetime, timezone

from frames import Parts


class Undefined:
    """What JavaScript calls undefined: a payload that is not there, or a member that JSON cannot write."""

    def __repr__(self):
        return "UNDEFINED"


UNDEFINED = Undefined()

# What struct calls the numbers of typed arrays.
NUMBERS = {
    "Int8Array": "b",
    "Uint8ClampedArray": "B",
    "Int16Array": "h",
    "Uint16Array": "H",
    "Int32Array": "i",
    "Uint32Array": "I",
    "Float32Array": "f",
    "Float64Array": "d",
    "BigInt64Array": "q",
    "BigUint64Array": "Q",
}


class Unreadable(Exception):
    """Annotations that are none, or do not fit the JSON beside them (PL-4)."""


def read_payload(elements):
    """The value at the end of a frame: nothing, JSON, or JSON and its annotations. Sets become lists, maps lists of pairs."""
    if not elements:
        return UNDEFINED
    value, annotations, parts, *_ = *elements, 0, None
    parts = parts if isinstance(parts, Parts) else Parts()
    if not (type(annotations) is int and annotations == 0):
        value = _revive(value, annotations, [10_000, 250_000], parts)
    if parts:
        raise Unreadable  # each stands somewhere (PL-8)
    return value


def _revive(value, tree, budget, parts):
    if isinstance(tree, list) and len(tree) >= 2 and tree[0] == "each":
        return _revive_items(value, tree[1], budget, parts)
    name, children = None, tree
    if isinstance(tree, list) and len(tree) in (1, 2):
        name, children = tree[0], tree[1] if len(tree) == 2 else {}
        budget[0] -= 1
    if isinstance(children, list) and len(children) >= 2 and children[0] == "each":
        value, children = _revive_items(value, children[1], budget, parts), {}
    if not isinstance(children, dict) or budget[0] < 0:
        raise Unreadable
    for path, child in children.items():  # the children first (PL-3)
        keys = _split(path)
        budget[1] -= len(keys)
        if budget[1] < 0:
            raise Unreadable
        holder = value
        for key in keys[:-1]:
            holder = holder[_key(holder, key)]
        last = _key(holder, keys[-1])
        holder[last] = _revive(holder[last], child, budget, parts)
    if name in ("bytes", "buffer"):
        return _take(value, parts)
    if name in NUMBERS:
        return _numbers(_take(value, parts), NUMBERS[name])
    if name in ("Blob", "File"):
        return _file(name, value, parts)
    return value if name is None else _turn(name, value)


def _revive_items(items, tree, budget, parts):
    """What one tree says of all items (PL-13)."""
    if not isinstance(items, list):
        raise Unreadable
    budget[1] -= len(items)
    if budget[1] < 0:
        raise Unreadable
    return [_revive(item, tree, budget, parts) for item in items]


def _take(index, parts):
    """A part, once (PL-8)."""
    if type(index) is not int or index not in parts:
        raise Unreadable
    return parts.pop(index)


def _numbers(part, letter):
    """The numbers of a typed array (PL-11)."""
    count, rest = divmod(len(part), struct.calcsize("<" + letter))
    if rest:
        raise Unreadable
    return list(struct.unpack(f"<{count}{letter}", part))


def _file(kind, value, parts):
    """The bytes of a Blob or a File, and what is said of them (PL-12)."""
    size = 2 if kind == "Blob" else 4
    if not isinstance(value, list) or len(value) < size:
        raise Unreadable
    index, media, name, modified = [*value, "", 0][:4]
    if not (isinstance(media, str) and isinstance(name, str) and type(modified) is int and abs(modified) < 2**53):
        raise Unreadable
    return {"bytes": _take(index, parts), "type": media, **({"name": name, "modified": modified} if kind == "File" else {})}


def _split(path):
    keys = [re.sub(r"\\(.)", r"\1", key) for key in re.findall(r"(?:^|\.)((?:[^.\\]|\\[.\\])*)", path)]
    escaped = ".".join(key.replace("\\", "\\\\").replace(".", "\\.") for key in keys)
    if escaped != path or len(keys) > 512:
        raise Unreadable
    return keys


def _key(holder, key):
    """The key as this array or object has it itself (PL-5)."""
    if isinstance(holder, dict) and key in holder:
        return key
    if isinstance(holder, list) and re.fullmatch(r"0|[1-9][0-9]{0,9}", key) and int(key) < len(holder):
        return int(key)
    raise Unreadable


def _turn(name, value):
    if name == "undefined" and value is None:
        return UNDEFINED
    if name == "set" and isinstance(value, list):
        return value
    if name == "map" and isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        return value
    if name == "Error" and isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("name", "message")):
        return {"name": value["name"], "message": value["message"]}  # PL-10
    if isinstance(value, str):
        if name == "Date":
            try:
                return datetime.fromisoformat(value.replace("Z", "+00:00"))
            except ValueError as error:
                raise Unreadable from error
        if name == "bigint" and len(value) <= 4096 and re.fullmatch(r"-?[0-9]+", value):
            return int(value)
        if name == "number" and value in ("NaN", "Infinity", "-Infinity", "-0"):
            return float(value)
        if name in ("URL", "regexp"):  # its pattern is JavaScript's: whoever wants it knows what to make of it
            return value
    raise Unreadable


def write_payload(value):
    """The elements for the end of a frame. Turns datetimes, UNDEFINED, and numbers that JSON or JavaScript lacks."""
    if value is UNDEFINED:
        return []
    annotations = {}
    json = _write(value, (), annotations)
    if not annotations:
        return [json]
    return [json, annotations if isinstance(value, (dict, list, tuple)) else annotations[""]]


def _write(value, path, annotations):
    if isinstance(value, dict):
        return {key: _write(member, (*path, key), annotations) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_write(member, (*path, str(index)), annotations) for index, member in enumerate(value)]
    turned = _rich(value)
    if turned is None:
        return value
    name, json = turned
    annotations[".".join(key.replace("\\", "\\\\").replace(".", "\\.") for key in path)] = [name]
    return json


def _rich(value):
    """The name and the JSON of a value that JSON alone does not carry."""
    if value is UNDEFINED:
        return "undefined", None
    if isinstance(value, datetime):
        text = value.astimezone(timezone.utc).isoformat(timespec="milliseconds")
        return "Date", text.replace("+00:00", "Z")
    if type(value) is int and abs(value) >= 2**53:
        return "bigint", str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "number", "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, float) and value == 0 and math.copysign(1, value) < 0:
        return "number", "-0"
    return None
