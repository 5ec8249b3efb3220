"""Makes the marks of a woven program, and rehearses them where the host can see what they cost.

The host's side is `sandbox/fuel/src/profile.rs`, whose constants come in as `STEP_BYTES` and so on.
"""

import gc
import marshal
import sys
import types

ENTRY = "__frugal_profile__"
KINDS = 6
"""Kinds of events: see `SAID` in `weave.py`."""
ROOM = 16
"""Levels of recursion that the marks need above the program's own."""


def profile(weaver, scope, source, entry):
    """Runs the woven top level of `source` in `scope` and leaves there, as ENTRY, what the host shall call.

    That gives `(value, functions, lines)`: what `entry` returned, the name and line of each function, and the
    line of each code. Without `entry` it runs the whole program.
    """
    guest = _guest()
    woven = _weave(weaver, source, entry)
    # What memory costs depends on what was used before: the weaver leaves as little behind as it can.
    gc.collect()
    code, names, table, functions, lines = marshal.loads(woven)
    del woven
    call = guest["_mark"].__globals__["componentize_py_runtime"].call_import
    numbers = max(len(table), len(functions), KINDS) + 1
    make = _maker(call, numbers)
    code = _replace(code, {name: make(name.split()[1], number) for number, name in enumerate(names)})
    rehearse = _rehearsal(make)
    first, last = make("first", len(names)), make("last", len(names) + 1)
    tell = [make("at", number) for number in range(numbers)]
    execute = guest["__builtins__"]["exec"]
    sys.setrecursionlimit(sys.getrecursionlimit() + ROOM)
    if entry:
        execute(code, scope)
        function = scope[entry]

    def measured(function, arguments):
        # As the guest's own `_measure`: without a function it says what belongs to no call.
        value = None
        first()
        if function is not None:
            try:
                value = function(*arguments)
            except BaseException:
                last()
                raise
        last()
        return value

    def begin():
        rehearse()
        tell[len(table)]()
        for kind, number in table:
            tell[kind]()
            tell[number]()
        measured(None, ())
        measured(None, ())

    def call_function(*arguments):
        begin()
        return measured(function, arguments), functions, lines

    def run_program():
        begin()
        gc.enable()
        try:
            measured(execute, (code, scope))
        except SystemExit as exit:
            if exit.code is not None and exit.code != 0:
                raise
        finally:
            gc.disable()
        return None, functions, lines

    scope[ENTRY] = call_function if entry else run_program


def _weave(weaver, source, entry):
    """The woven code and what its codes mean, as bytes."""
    names = {}
    exec(weaver, names)
    return marshal.dumps(names["weave"](source, entry, CODES_MAX))


def _guest():
    """The globals of the guest, which hold the mark."""
    frame = sys._getframe()
    while "_mark" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


# --- marks ------------------------------------------------------------------------------------------


def _replace(code, functions):
    def constant(value):
        if type(value) is types.CodeType:
            return _replace(value, functions)
        return functions.get(value, value) if type(value) is str else value

    return code.replace(co_consts=tuple(map(constant, code.co_consts)))


def _maker(call, codes):
    """What makes the function that burns a code between two marks."""
    nothing = []
    size = STEP_BYTES * (codes + 1)
    origin, target = memoryview(bytes(size)), memoryview(bytearray(size))

    def make(kind, code):
        source, room = (view[: STEP_BYTES * (code + 1)] for view in (origin, target))

        def say():
            call(0, nothing)
            room[:] = source
            call(0, nothing)

        def hand_on(value):
            call(0, nothing)
            room[:] = source
            call(0, nothing)
            return value

        def hand_on_second(_, value):
            call(0, nothing)
            room[:] = source
            call(0, nothing)
            return value

        return {"pause": hand_on, "resume": hand_on, "pass": hand_on_second}.get(kind, say)

    return make


def _rehearsal(make):
    """What runs all kinds of marks until they cost the same each time, in code of its own."""
    say, say_one, hand_on, hand_on_second = make("at", 0), make("at", 1), make("pause", 0), make("pass", 0)
    text = "def rehearse():\n for _ in range(ROUNDS):\n  'a'()\n  'a'()\n  'b'()\n  'b'()\n"
    outer = compile(text, "rehearsal", "exec")
    (inner,) = (constant for constant in outer.co_consts if type(constant) is types.CodeType)
    rounds = types.FunctionType(_replace(inner, {"a": say, "b": say_one}), {"ROUNDS": ROUNDS, "range": range})

    def rehearse():
        for _ in range(WARM_UP_EVENTS // 2):
            hand_on(None)
            hand_on_second(None, None)
        rounds()

    return rehearse
