"""Tagged values: the JSON that carries Python values into and out of the guest.

None, bool, int, finite float and str are themselves. list is an array. Everything else is an object
with one key: {"t": [...]} tuple, {"d": [[k, v], ...]} dict, {"s": [...]} set, {"f": [...]} frozenset,
{"b": "hex"} bytes, {"c": [re, im]} complex, {"n": "NaN" | "Infinity" | "-Infinity"} float,
{"u": [code points]} a str with lone surrogates, which UTF-8 cannot carry, and
{"o": {"type": "mod.Name", "repr": "..."}} for any other type, subclasses of these included.

No code under test runs here: what `__iter__`, `__len__`, `__repr__` or a metaclass would do is not asked.

Types are compared exactly, and whole levels of a value are judged at once by the set of their items'
types, so that a million integers cost one pass of C code.
"""

import builtins
import sys
from array import array
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import chain, islice
from math import copysign, isfinite
from types import BuiltinFunctionType, FunctionType, GeneratorType

from _json import encode_basestring, make_encoder, make_scanner

# Functions below look names up in this copy, which code under test cannot patch.
__builtins__ = dict(vars(builtins))

DEPTH_MAX = 200
"""Nesting levels of a value. Deeper ones, and values that contain themselves, are refused."""
REPR_MAX = 200
"""Characters kept of the repr of an opaque value."""

_NONE = type(None)
_PLAIN = frozenset((int, bool, _NONE))
_NESTED = frozenset((list, tuple, dict, set, frozenset))
_LISTS = _PLAIN | {float, str, list}
_ONLY_LISTS = {list}
_set_max_digits = sys.set_int_max_str_digits
_get_max_digits = sys.get_int_max_str_digits


class TooLarge(Exception):
    """The encoded value would be longer than the output limit."""


class TooDeep(ValueError):
    """The value nests more than DEPTH_MAX levels, or contains itself."""


def _refuse(value):
    raise TypeError("untagged " + type(value).__name__)


_encode = make_encoder(None, _refuse, encode_basestring, None, ":", ",", False, False, True)


def _untag(pairs):
    """The value of one parsed object. Called innermost first, so that what it holds is done already."""
    if len(pairs) == 1:
        [(tag, body)] = pairs
        decode = _DECODERS.get(tag)
        if decode is not None:
            return decode(body)
    return dict(pairs)


_DECODERS = {
    "t": tuple,
    "d": dict,
    "s": set,
    "f": frozenset,
    "b": bytes.fromhex,
    "c": lambda parts: complex(*parts),
    "n": float,
    "u": lambda points: "".join(map(chr, points)),
}


class _ScannerOptions:
    strict = True
    object_hook = None
    object_pairs_hook = staticmethod(_untag)
    parse_float = float
    parse_int = int
    memo = {}

    @staticmethod
    def parse_constant(name):
        raise ValueError("not JSON: " + name)


_scan = make_scanner(_ScannerOptions())


def loads(data):
    """Parses a request: UTF-8 JSON whose tagged values come out as Python values."""
    text = str(data, "utf-8").strip()
    digits = _get_max_digits()
    _set_max_digits(0)
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        raise ValueError("not JSON") from None
    finally:
        _set_max_digits(digits)
    if end != len(text):
        raise ValueError("text after the JSON value")
    return value


def dumps(value):
    """UTF-8 JSON of plain lists, tuples, dicts and atoms."""
    digits = _get_max_digits()
    _set_max_digits(0)
    try:
        return "".join(_encode(value, 0)).encode("utf-8")
    finally:
        _set_max_digits(digits)


# --- encoding ---------------------------------------------------------------------------------------


def tag(root, bytes_max, surrogates=False):
    """The plain form of any Python value, in which only lists, atoms and tags are left.

    Works a whole nesting level at a time, down and then up, so that the cost for each item stays
    small and depth needs no recursion. `bytes_max` bounds how far a value that shares parts of itself
    may unfold. `surrogates` says that there are lone surrogates to be found.
    """
    levels = _levels(root, bytes_max)
    below, clean = [], True
    while levels:
        level, kinds = levels.pop()
        if clean and kinds == _ONLY_LISTS:
            below = level
        else:
            below, clean = _rebuild(level, kinds, below, clean, surrogates)
    return below[0]


def _levels(root, left):
    """All items of each nesting level in order, with the set of their types."""
    levels = []
    level = [root]
    while True:
        # Deep values have thin levels: these take a short way.
        while len(level) == 1 and type(level[0]) is list:
            if len(levels) >= DEPTH_MAX:
                raise TooDeep
            levels.append((level, _ONLY_LISTS))
            level = level[0]
            left -= 1 + len(level)
            if left < 0:
                raise TooLarge
        kinds = set(map(type, level))
        levels.append((level, kinds))
        if str in kinds:
            left -= sum(map(len, _only(level, kinds, str)))
        if kinds.isdisjoint(_NESTED):
            holders = []
        elif len(levels) > DEPTH_MAX:
            raise TooDeep
        else:
            holders = level if kinds <= _NESTED else [item for item in level if type(item) in _NESTED]
        left -= len(level) + sum(map(len, holders))
        if left < 0:
            raise TooLarge
        if not holders:
            return levels
        if dict in kinds:
            holders = [chain.from_iterable(item.items()) if type(item) is dict else item for item in holders]
        level = list(chain.from_iterable(holders))


def _only(level, kinds, kind):
    return level if len(kinds) == 1 else [item for item in level if type(item) is kind]


def _rebuild(level, kinds, below, clean, surrogates):
    """The plain form of a level's items, and whether they are the items themselves.

    `below` holds the plain forms of everything inside them, in order; `clean` says that these are the
    very items too, so that containers can be used as they are.
    """
    if clean and kinds <= _LISTS and _all_plain(level, kinds, surrogates):
        return level, True
    if clean:
        if kinds == {tuple}:
            return [{"t": item} for item in level], False
        makers = _WHOLE
    else:
        parts = iter(below)
        if kinds == {tuple}:
            return [{"t": list(islice(parts, size))} for size in map(len, level)], False
        if kinds == {list}:
            return [list(islice(parts, size)) for size in map(len, level)], False
        makers = _refillers(parts)
    if kinds <= _PLAIN | _NESTED and _PLAIN.isdisjoint(kinds):
        return [makers[type(item)](item) for item in level], False
    if surrogates:
        makers = {**makers, str: _text}
    return [_one(item, makers) for item in level], False


def _one(item, makers):
    kind = type(item)
    if kind in _PLAIN:
        return item
    make = makers.get(kind)
    return _opaque(item, kind) if make is None else make(item)


def _all_plain(level, kinds, surrogates):
    """Whether no float or str among the items needs a tag."""
    if float in kinds and not all(map(isfinite, _only(level, kinds, float))):
        return False
    return not (surrogates and str in kinds and _has_surrogates("".join(_only(level, kinds, str))))


def _float(value):
    if isfinite(value):
        return value
    return {"n": "NaN" if value != value else "Infinity" if copysign(1.0, value) > 0 else "-Infinity"}


def _text(value):
    return {"u": list(map(ord, value))} if _has_surrogates(value) else value


_ALONE = {
    str: lambda value: value,
    float: _float,
    bytes: lambda value: {"b": value.hex()},
    complex: lambda value: {"c": [_float(value.real), _float(value.imag)]},
}
"""How items that hold nothing are made plain, besides those that are plain already."""
_WHOLE = {
    **_ALONE,
    list: lambda value: value,
    tuple: lambda value: {"t": value},
    dict: lambda value: {"d": list(value.items())},
    set: lambda value: {"s": list(value)},
    frozenset: lambda value: {"f": list(value)},
}
"""The same with containers whose items are all plain."""


def _refillers(parts):
    """The same with containers whose items are replaced by the next ones of `parts`."""

    def take(value):
        return list(islice(parts, len(value)))

    def pairs(value):
        flat = list(islice(parts, 2 * len(value)))
        return {"d": list(zip(flat[::2], flat[1::2]))}

    return {
        **_ALONE,
        list: take,
        tuple: lambda value: {"t": take(value)},
        dict: pairs,
        set: lambda value: {"s": take(value)},
        frozenset: lambda value: {"f": take(value)},
    }


def encode(value, extra, bytes_max):
    """UTF-8 JSON of `{"value": tagged, **extra}`; TooLarge when that must be longer than `bytes_max`."""
    try:
        return dumps({"value": tag(value, bytes_max), **extra})
    except UnicodeEncodeError:
        return dumps({"value": tag(value, bytes_max, surrogates=True), **extra})


def _has_surrogates(text):
    if text.isascii():
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _opaque(value, kind):
    """What is said of a value that has no tagged form."""
    return {"o": {"type": type_name(kind), "repr": clean(_shown(value, kind), REPR_MAX)}}


_SHOWN = frozenset(
    (range, date, timedelta, Decimal, type, FunctionType, BuiltinFunctionType, GeneratorType)
)
"""Types whose `repr` is C code that calls no other object's."""
_SHOWN_SHORT = frozenset((bytearray, array))
"""The same, where the cost of `repr` grows with the length."""


def _shown(value, kind):
    if kind in _SHOWN or kind in _SHOWN_SHORT and len(value) <= REPR_MAX:
        return repr(value)
    if kind is Fraction:
        parts = value._numerator, value._denominator
        if set(map(type, parts)) == {int}:
            return "Fraction" + repr(parts)
    return "<" + type_name(kind) + " object>"


_module_of = vars(type)["__module__"].__get__
_name_of = vars(type)["__qualname__"].__get__


def type_name(kind):
    """`module.Name` of a type, without the module for builtins; asks no metaclass."""
    try:
        module, name = _module_of(kind), _name_of(kind)
    except AttributeError:
        return "?"
    if type(module) is not str or type(name) is not str:
        return "?"
    return clean(name if module in ("builtins", "__main__") else module + "." + name, REPR_MAX)


def clean(text, length_max):
    """At most `length_max` characters of any str, encodable in UTF-8, with a mark where it was cut."""
    text = str.__str__(text)
    if len(text) > length_max:
        text = text[:length_max] + "... (" + str(len(text)) + " characters)"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
