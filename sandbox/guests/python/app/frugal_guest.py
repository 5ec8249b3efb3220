"""The Python guest: runs submitted source between two marks, by the protocol of `wit/guest.wit`.

A reply is one status byte and JSON: 0 done, 1 an exception, 2 out of memory, 3 too much output.
One instance serves one job: define, prepare, empty, empty, call, result.

Code under test shares this interpreter, so it can reach anything in it by way of frames or `gc`. What
keeps the count honest is outside: the host demands exactly two marks in `call`, none elsewhere, and
bounds the fuel of everything that is not between them.
"""

import builtins

import frugal_guards
import frugal_preload

MISSING_MODULES = frugal_preload.load()

import gc
import io
import linecache
import sys
import types

import frugal_codec as codec
import wit_world
from frugal_streams import OutputLimit, Streams

# Functions below look names up in this copy, which code under test cannot patch.
__builtins__ = dict(vars(builtins))

DONE, RAISED, OUT_OF_MEMORY, TOO_LARGE = b"\x00", b"\x01", b"\x02", b"\x03"
RECURSION_LIMIT = 1000
INT_MAX_STR_DIGITS = 4300
MESSAGE_MAX = 2000
"""Characters kept of an exception's message."""
FRAMES_MAX = 8
"""Frames of a traceback kept at each end."""
LINE_MAX = 200
"""Characters kept of a source line in a traceback."""
RESERVE_BYTES = 1 << 16

_mark = wit_world.mark
_set_trace, _set_profile, _set_recursion_limit = sys.settrace, sys.setprofile, sys.setrecursionlimit
_gc_enable, _gc_disable = gc.enable, gc.disable
_get_tool, _free_tool = sys.monitoring.get_tool, sys.monitoring.free_tool_id
_TOOLS = 6
"""Identifiers that `sys.monitoring` gives out: 0 to 5."""
_BUILDER_MODULES = [
    name for name in sys.modules if name.startswith(("frugal_", "wit_world", "componentize_py", "poll_loop"))
]
"""The builder looks these up by name until the snapshot; `define` takes them out of reach of `import`."""


class _Job:
    """What one instance knows of its one job."""

    def __init__(self):
        self.filename = "<source>"
        self.source_lines = []
        self.program = False
        self.function = None
        self.arguments = ()
        self.value = None
        self.error = None
        self.output_bytes = 0
        self.streams = None
        # Given back when memory ran out, so that the second mark and the reply still have some.
        self.reserve = bytearray(RESERVE_BYTES)


_job = _Job()


def _measure(job, function, arguments):
    """The measured stretch: two marks, whatever the function does. Keeps what came of it in `job`.

    Without a function it costs what the marks cost: the baseline. It runs the same instructions as with one, less
    the call, so that no call costs less.
    """
    mark = _mark
    value = None
    mark()
    if function is not None:
        try:
            value = function(*arguments)
        except BaseException as error:
            job.reserve = None
            mark()
            job.error = error
            return
    mark()
    job.value = value


class WitWorld:
    """The exports of the component."""

    def define(self, request, output_bytes):
        """Compiles the source; in function mode also executes its top level and finds the entry."""
        return _reply("define", lambda: _define(codec.loads(request), output_bytes))

    def prepare(self, request):
        """Decodes the arguments, or takes standard input."""
        return _reply("prepare", lambda: _prepare(codec.loads(request)))

    def empty(self):
        """Measures no call at all: the baseline."""
        _measure(_job, None, ())

    def call(self):
        """Measures the call itself."""
        if _job.program:
            _gc_enable()
        _measure(_job, _job.function, _job.arguments)
        _gc_disable()

    def result(self):
        """What the call returned or raised, and what it printed."""
        _job.reserve = None
        _calm()
        error = _job.error
        if error is not None and not (_job.program and _is_clean_exit(error)):
            return _failure("call", error)
        return _reply("result", _result)


def _reply(phase, work):
    """Runs `work`, which gives the JSON of status 0, and turns every exception into its reply."""
    try:
        return DONE + work()
    except BaseException as error:
        try:
            return _failure(phase, error)
        except RecursionError as deeper:
            return _failure(phase, deeper)


def _define(request, output_bytes):
    job = _job
    for name in _BUILDER_MODULES:
        sys.modules.pop(name, None)
    job.filename = request["filename"]
    job.program = request["mode"] == "program"
    job.output_bytes = output_bytes
    source = request["source"]
    job.source_lines = source.splitlines()
    linecache.cache[job.filename] = (len(source), None, source.splitlines(True), job.filename)
    job.streams = Streams(output_bytes)
    sys.stdout = sys.__stdout__ = job.streams.stdout
    sys.stderr = sys.__stderr__ = job.streams.stderr
    sys.stdin = sys.__stdin__ = job.streams.stdin
    sys.argv = [job.filename]
    _set_recursion_limit(RECURSION_LIMIT)
    sys.set_int_max_str_digits(INT_MAX_STR_DIGITS)
    module = types.ModuleType("__main__")
    scope = module.__dict__
    scope["__builtins__"] = builtins
    scope["__file__"] = job.filename
    scope.update(dict.fromkeys(request.get("hide") or ()))
    sys.modules["__main__"] = module
    code = frugal_guards.safe_compile(source, job.filename, "exec", 0, True)
    if job.program:
        job.function, job.arguments = exec, (code, scope)
        return b"{}"
    exec(code, scope)
    job.function = _entry(scope, request["entry"])
    return b"{}"


def _entry(scope, name):
    if type(name) is not str:
        raise TypeError("function mode needs the name of the function to call")
    if name not in scope:
        names = [key for key, item in scope.items() if type(item) is types.FunctionType]
        listing = ", ".join(names[:20]) or "none"
        raise NameError("the source defines no `" + name + "`; functions it defines: " + listing)
    function = scope[name]
    if not callable(function):
        raise TypeError("`" + name + "` is not callable but " + codec.type_name(type(function)))
    return function


def _prepare(request):
    job = _job
    if "stdin" in request:
        job.streams.set_stdin(request["stdin"])
        sys.stdin = sys.__stdin__ = job.streams.stdin
    else:
        job.arguments = tuple(request["arguments"])
    _calm()
    return b"{}"


def _calm():
    """Undoes what the code under test may have done to the interpreter that runs this guest."""
    _set_trace(None)
    _set_profile(None)
    for tool in range(_TOOLS):
        if _get_tool(tool) is not None:
            _free_tool(tool)
    _set_recursion_limit(RECURSION_LIMIT)


def _result():
    job = _job
    stdout, stderr = job.streams.collect()
    left = job.output_bytes - len(stdout) - len(stderr)
    value = None if job.program else job.value
    reply = codec.encode(value, {"stdout": stdout, "stderr": stderr}, left)
    if len(reply) > job.output_bytes + 4096:
        raise OutputLimit
    return reply


def _is_clean_exit(error):
    return type(error) is SystemExit and (error.code is None or error.code == 0)


# --- failures ---------------------------------------------------------------------------------------


def _failure(phase, error):
    if isinstance(error, (OutputLimit, codec.TooLarge)):
        return TOO_LARGE + codec.dumps({"phase": phase})
    if isinstance(error, MemoryError):
        return OUT_OF_MEMORY + codec.dumps({"phase": phase})
    kind, message, trace = _kind(error), _message(error), _traceback(error)
    return RAISED + codec.dumps({"type": kind, "message": message, "traceback": trace, "phase": phase})


def _kind(error):
    return "ValueError" if isinstance(error, codec.TooDeep) else codec.type_name(type(error))


def _message(error):
    if isinstance(error, codec.TooDeep):
        return "the result nests more than " + str(codec.DEPTH_MAX) + " levels, or contains itself"
    try:
        if isinstance(error, SyntaxError):
            return codec.clean(str(error.msg), MESSAGE_MAX)
        if isinstance(error, SystemExit):
            status = 0 if error.code is None else error.code
            return codec.clean("exit status " + str(status), MESSAGE_MAX)
        return codec.clean(str(error), MESSAGE_MAX)
    except Exception:
        return "(the exception's own message cannot be made)"


def _traceback(error):
    """The frames of the submitted source alone, both ends of a long list, innermost last."""
    job = _job
    lines = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename == job.filename:
            lines.append((step.tb_lineno, code.co_qualname))
        step = step.tb_next
    out = ["Traceback (most recent call last):\n"] if lines else []
    if len(lines) > 2 * FRAMES_MAX:
        hidden = len(lines) - 2 * FRAMES_MAX
        shown, tail = lines[:FRAMES_MAX], lines[-FRAMES_MAX:]
        out += map(_frame, shown)
        out.append("  ... " + str(hidden) + " more frames\n")
        out += map(_frame, tail)
    else:
        out += map(_frame, lines)
    if isinstance(error, SyntaxError):
        out.append(_syntax_place(error))
    message = _message(error)
    name = _kind(error)
    return "".join(out) + (name + ": " + message if message else name)


def _frame(entry):
    line, name = entry
    text = _source_line(line)
    place = '  File "' + codec.clean(_job.filename, LINE_MAX) + '", line ' + str(line) + ", in " + codec.clean(name, LINE_MAX) + "\n"
    return place + ("    " + text.strip() + "\n" if text else "")


def _source_line(number):
    if type(number) is int and 0 < number <= len(_job.source_lines):
        return codec.clean(_job.source_lines[number - 1], LINE_MAX)
    return ""


def _syntax_place(error):
    if error.filename != _job.filename:
        return ""
    text = _source_line(error.lineno)
    place = '  File "' + codec.clean(_job.filename, LINE_MAX) + '", line ' + str(error.lineno) + "\n"
    if not text.strip():
        return place
    indent = len(text) - len(text.lstrip())
    column = error.offset - 1 - indent if type(error.offset) is int else -1
    caret = "    " + " " * column + "^\n" if 0 <= column <= LINE_MAX else ""
    return place + "    " + text.strip() + "\n" + caret


def _close():
    """Ends the snapshot: installs the guards and freezes what stands."""
    print("modules loaded:", len(sys.modules), "promised but missing:", MISSING_MODULES, file=sys.stderr)
    frugal_guards.install_late()
    gc.disable()
    gc.collect()
    gc.freeze()


_close()
