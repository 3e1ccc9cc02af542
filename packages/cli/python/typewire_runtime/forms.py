"""Forms: what a contract says of payloads beyond what a value says of itself.

A form is None (any value: what travels follows from the value), the name of a type, or a tuple:
("const", value) ("array", item) ("tuple", (items…), rest) ("set", item) ("bag", item) ("map", key, value) ("pairs", key, value)
("record", value) ("object", {key: form}, (required…), rest) ("union", (forms…)) ("ref", name).
A bag is a set of what Python cannot hash, and is a list; pairs are a map of such keys, and are a list of tuples of two.
"""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Any, Mapping

from .values import UNDEFINED, Blob, ErrorValue, File, WireMap, WireSet

Form = Any
Forms = Mapping[str, Form]

MAX_SAFE = 2**53 - 1

# What struct calls the numbers of typed arrays (PL-11).
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

_LOOKS = 4  # how deep a value is looked into to find which member of a union it is
_BYTES = (bytes, bytearray, memoryview)


def resolve(form: Form, forms: Forms) -> Form:
    while isinstance(form, tuple) and form[0] == "ref":
        form = forms.get(form[1])
    return form


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def fits(value: Any, form: Form, forms: Forms, look: int = _LOOKS) -> bool:
    """Whether a value can be of this form: how the member of a union is found."""
    form = resolve(form, forms)
    if form is None or look == 0:
        return True
    if isinstance(form, str):
        return _fits_leaf(value, form)
    kind = form[0]
    if kind == "union":
        return any(fits(value, each, forms, look) for each in form[1])
    if kind == "const":
        return type(value) is type(form[1]) and bool(value == form[1])
    if kind == "object":
        return (
            isinstance(value, dict)
            and all(key in value for key in form[2])
            and all(fits(value[key], each, forms, look - 1) for key, each in form[1].items() if key in value)
        )
    if kind == "record":
        return isinstance(value, dict) and all(fits(each, form[1], forms, look - 1) for each in list(value.values())[:8])
    if kind == "array":
        return (
            isinstance(value, (list, tuple))
            and not isinstance(value, (WireSet, WireMap))
            and all(fits(each, form[1], forms, look - 1) for each in value[:8])
        )
    if kind == "tuple":
        if not isinstance(value, (list, tuple)) or len(value) < len(form[1]):
            return False
        if form[2] is False and len(value) > len(form[1]):
            return False
        return all(fits(each, item, forms, look - 1) for each, item in zip(value, form[1]))
    if kind in ("set", "bag"):
        if isinstance(value, WireMap) or not isinstance(value, (set, frozenset, list, tuple)):
            return False
        return all(fits(each, form[1], forms, look - 1) for each in list(value)[:8])
    if kind in ("map", "pairs"):
        if isinstance(value, dict):
            return True
        return isinstance(value, (list, tuple)) and all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in value)
    return True


def _fits_leaf(value: Any, form: str) -> bool:
    if form in ("string", "URL", "regexp"):
        return isinstance(value, str)
    if form in ("integer", "number"):
        return is_number(value) and (isinstance(value, float) or abs(value) <= MAX_SAFE)
    if form == "bigint":
        return isinstance(value, int) and not isinstance(value, bool)
    if form == "boolean":
        return isinstance(value, bool)
    if form in ("null", "undefined"):
        return value is None or value is UNDEFINED
    if form == "Date":
        return isinstance(value, datetime)
    if form in ("bytes", "buffer"):
        return isinstance(value, _BYTES)
    if form == "nan":
        return isinstance(value, float) and value != value
    if form == "Error":
        return isinstance(value, (ErrorValue, BaseException))
    if form == "Blob":
        return isinstance(value, Blob)
    if form == "File":
        return isinstance(value, File)
    if form in NUMBERS:
        return isinstance(value, (list, tuple)) and not isinstance(value, (WireSet, WireMap)) and all(map(is_number, value))
    return True


def pack_numbers(values: Any, name: str) -> bytes:
    """The bytes of a typed array (PL-11)."""
    try:
        return struct.pack(f"<{len(values)}{NUMBERS[name]}", *values)
    except (struct.error, TypeError, OverflowError) as error:
        raise ValueError(f"A {name} cannot hold these numbers: {error}") from None


def shape(value: Any, form: Form, forms: Forms) -> Any:
    """What has come, as the types of the contract say: sets, tuples, dictionaries. Changes lists and dictionaries in place."""
    form = resolve(form, forms)
    if isinstance(form, tuple) and form[0] == "union":
        form = next((resolve(each, forms) for each in form[1] if fits(value, each, forms)), None)
        if isinstance(form, tuple) and form[0] == "union":
            return shape(value, form, forms)
    kind = form[0] if isinstance(form, tuple) else None
    if isinstance(value, dict):
        members, required, rest = ({}, (), None)
        if kind == "object":
            _, members, required, rest = form
        elif kind == "record":
            rest = form[1]
        for key in list(value):
            if value[key] is UNDEFINED and key not in required:
                del value[key]
            else:
                value[key] = shape(value[key], members.get(key, rest or None), forms)
        return value
    if isinstance(value, WireMap):
        key_form, value_form = form[1:] if kind in ("map", "pairs") else (None, None)
        pairs = [(shape(key, key_form, forms), shape(each, value_form, forms)) for key, each in value]
        return dict(pairs) if kind == "map" or (kind != "pairs" and _are_keys(key for key, _ in pairs)) else pairs
    if isinstance(value, WireSet):
        items = [shape(each, form[1] if kind in ("set", "bag") else None, forms) for each in value]
        return set(items) if kind == "set" or (kind != "bag" and _are_keys(items)) else items
    if isinstance(value, list):
        if kind == "tuple":
            rest = form[2] or None
            items = [shape(each, form[1][at] if at < len(form[1]) else rest, forms) for at, each in enumerate(value)]
            return tuple(items)
        for at, each in enumerate(value):
            value[at] = shape(each, form[1] if kind == "array" else None, forms)
        return value
    return None if value is UNDEFINED else value


def _are_keys(values: Any) -> bool:
    """Whether Python keeps them apart as JavaScript does: True and 1 are one key to it."""
    return all(isinstance(each, (str, bytes, datetime)) or is_number(each) or each is None for each in values)
