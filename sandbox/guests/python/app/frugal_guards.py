"""Makes the interpreter deterministic and closed. Imported before any other module of the library.

The component is built with every WASI call stubbed by a trap. Whatever in the library would reach
such a call is replaced here by something that repeats (clocks, random numbers) or that raises an
ordinary Python exception (files, processes, imports after the snapshot).
"""

import builtins
import errno
import sys

import posix
import time

EPOCH_NS = 1_735_689_600_000_000_000
"""Where the virtual clock starts: 1 January 2025, 00:00 UTC, in nanoseconds since 1970."""
TICK_NS = 1_000
"""How far each reading moves the virtual clock."""

# Functions of `posix` that compute and touch nothing outside; everything else there is refused.
_POSIX_KEPT = frozenset(
    """fspath strerror fsencode fsdecode _path_normpath _path_splitroot_ex _path_splitroot _inputhook
    _is_inputhook_installed waitstatus_to_exitcode WIFEXITED WIFSIGNALED WIFSTOPPED WEXITSTATUS WTERMSIG
    WSTOPSIG WCOREDUMP WIFCONTINUED _create_environ major minor makedev putenv unsetenv""".split()
)


def install_clock():
    """Replaces every clock by one counter, which sleeping and reading move."""
    elapsed = 0

    def tick():
        nonlocal elapsed
        elapsed += TICK_NS
        return elapsed

    def sleep(seconds, /):
        nonlocal elapsed
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        elapsed += int(seconds * 1e9)

    def time_ns():
        return EPOCH_NS + tick()

    def seconds():
        return time_ns() / 1e9

    def counter():
        return tick() / 1e9

    def broken_down(convert):
        return lambda seconds=None, /: convert(time_ns() // 10**9 if seconds is None else seconds)

    gmtime, ctime, strftime, asctime = time.gmtime, time.ctime, time.strftime, time.asctime
    time.time, time.time_ns, time.sleep = seconds, time_ns, sleep
    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        setattr(time, name, counter)
        setattr(time, name + "_ns", tick)
    time.gmtime = time.localtime = broken_down(gmtime)
    time.ctime = broken_down(ctime)
    time.asctime = lambda parts=None, /: asctime(time.gmtime() if parts is None else parts)
    time.strftime = lambda form, parts=None, /: strftime(form, time.gmtime() if parts is None else parts)
    info = time.get_clock_info("monotonic")
    time.get_clock_info = lambda name, /: info
    time.clock_gettime = lambda clock, /: counter()
    time.clock_gettime_ns = lambda clock, /: tick()


def _refuse(name):
    def refused(*args, **options):
        raise OSError(errno.ENOSYS, "the sandbox has no files, processes or network (" + name + ")")

    refused.__name__ = refused.__qualname__ = name
    return refused


def _refuse_all(module, kept):
    for name, member in list(vars(module).items()):
        if type(member) is type(len) and name not in kept:
            setattr(module, name, _refuse(name))


def install_system():
    """Refuses the file system and processes with OSError, and gives fixed answers where one exists."""

    _refuse_all(posix, _POSIX_KEPT)
    uname = posix.uname_result(("wasi", "sandbox", "0", "0", "wasm32"))
    posix.uname = lambda: uname
    posix.getpid = lambda: 1
    posix.getppid = lambda: 0
    posix.cpu_count = lambda: 1
    posix.getcwd = lambda: "/"
    posix.getcwdb = lambda: b"/"
    posix.isatty = lambda descriptor, /: False
    posix._exit = sys.exit
    posix.read = lambda descriptor, length, /: sys.stdin.buffer.read(length) if descriptor == 0 else _refuse("read")()
    posix.write = _write



def install_network():
    """Refuses sockets and waiting for them; gives asyncio a loop that needs neither."""
    import _socket
    import select
    import socket

    _refuse_all(_socket, frozenset("htons htonl ntohs ntohl inet_aton inet_ntoa inet_pton inet_ntop".split()))
    _refuse_all(select, frozenset())
    for name, member in vars(_socket).items():
        if name in vars(socket) and callable(member) and not isinstance(member, type):
            setattr(socket, name, member)
    socket.socket.__init__ = _refuse("socket")
    socket.socketpair = _refuse("socketpair")
    _install_event_loop()


def _install_event_loop():
    import asyncio
    from asyncio import base_events, unix_events

    class Selector:
        def select(self, timeout=None):
            """Nothing ever arrives: waiting moves the virtual clock."""
            if timeout is None:
                raise RuntimeError("every task waits for something that cannot happen in the sandbox")
            time.sleep(max(timeout, 0))
            return []

    class EventLoop(base_events.BaseEventLoop):
        """An event loop on the virtual clock, without input or output."""

        def __init__(self):
            super().__init__()
            self._selector = Selector()
            self._clock_resolution = TICK_NS / 1e9

        def _process_events(self, events):
            pass

        def _write_to_self(self):
            pass

    unix_events._DefaultEventLoopPolicy._loop_factory = EventLoop
    asyncio.SelectorEventLoop = asyncio.EventLoop = EventLoop


def _write(descriptor, data, /):
    stream = {1: sys.stdout, 2: sys.stderr}.get(descriptor)
    if stream is None:
        raise OSError(errno.EBADF, "only descriptors 1 and 2 can be written")
    stream.flush()
    return stream.buffer.write(data)


def install_random_source():
    """Replaces the system's random bytes by a generator with a fixed seed."""
    import _random
    import os

    generator = _random.Random(0)

    def urandom(size, /):
        if size < 0:
            raise ValueError("negative argument not allowed")
        return generator.getrandbits(size * 8).to_bytes(size, "little") if size else b""

    posix.urandom = os.urandom = urandom
    posix.getrandom = lambda size, flags=0: urandom(size)


def install_files():
    """Leaves of `open` only the standard streams."""
    import _io
    import io

    def open(file, mode="r", *args, **options):
        name = file if isinstance(file, (int, str)) else None
        streams = {0: "stdin", 1: "stdout", 2: "stderr", "/dev/stdin": "stdin", "/dev/stdout": "stdout"}
        if name in streams and name is not True and name is not False:
            stream = getattr(sys, streams[name])
            return stream.buffer if "b" in mode else stream
        code = errno.ENOENT if "r" in mode and "+" not in mode else errno.EPERM
        raise OSError(code, "the sandbox has no files", file)

    class FileIO(_io.FileIO):
        """Refuses every file: opening one would trap."""

        def __init__(self, file, *args, **options):
            raise OSError(errno.EPERM, "the sandbox has no files", file)

    open.__qualname__ = "open"
    FileIO.__module__ = "_io"
    for module in (_io, io):
        module.open = module.open_code = open
        module.FileIO = FileIO
    builtins.open = open


def seed_random():
    """Gives `random` a fixed start, also where code asks for a start from the system."""
    import _random
    import random

    seeds = _random.Random(1)
    original_seed = random.Random.seed

    def new(cls, *args, **options):
        return _random.Random.__new__(cls, 0)

    def seed(self, a=None, version=2):
        original_seed(self, seeds.getrandbits(64) if a is None else a, version)

    random.Random.__new__ = staticmethod(new)
    random.Random.seed = seed
    random._inst.seed(0)
    random.seed = random._inst.seed


def freeze_datetime():
    """Makes `datetime.now` and `utcnow`, which read the clock in C, read the virtual one."""
    import datetime
    import gc

    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

    def utcnow(cls):
        return cls.fromtimestamp(time.time(), datetime.timezone.utc).replace(tzinfo=None)

    # The type is static C data, so its attributes cannot be assigned; its dictionary can be reached.
    (members,) = gc.get_referents(datetime.datetime.__dict__)
    members["now"], members["utcnow"] = classmethod(now), classmethod(utcnow)


def safe_compile(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1):
    """The builtin `compile` for text: to quote the line of a syntax error, that one opens `filename`.

    A first pass under a name that no file can have finds the error; only faultless text goes on.
    """
    if not dont_inherit:
        flags |= sys._getframe(1).f_code.co_flags & _FUTURE_FLAGS
    options = {"_feature_version": _feature_version}
    if isinstance(source, (str, bytes, bytearray)) and isinstance(filename, str):
        try:
            _compile(source, filename + _UNOPENABLE, mode, flags, True, optimize, **options)
        except SyntaxError as error:
            error.filename = filename
            raise
    return _compile(source, filename, mode, flags, True, optimize, **options)


def safe_exec(source, globals=None, locals=None, /, *, closure=None):
    """The builtin `exec`, whose text is compiled under a name that no file can have."""
    caller = sys._getframe(1)
    if globals is None:
        globals = caller.f_globals
        if locals is None:
            optimized = caller.f_code.co_flags & _CO_OPTIMIZED
            locals = dict(caller.f_locals) if optimized else caller.f_locals
    if isinstance(source, (str, bytes, bytearray)):
        try:
            flags = caller.f_code.co_flags & _FUTURE_FLAGS
            source = _compile(source, "<string>" + _UNOPENABLE, "exec", flags, True)
        except SyntaxError as error:
            error.filename = "<string>"
            raise
    if locals is None:
        locals = globals
    return _exec(source, globals, locals, closure=closure) if closure else _exec(source, globals, locals)


_compile, _exec = builtins.compile, builtins.exec
_CO_OPTIMIZED = 1
_FUTURE_FLAGS = 0x1FF0000
"""Bits of `co_flags` that `from __future__` sets and `compile` takes."""
_UNOPENABLE = "\ud800"
"""Makes a file name that has no encoding, so that opening it fails before any system call."""


def install_compile():
    """Replaces `compile` and `exec`."""
    safe_compile.__name__ = safe_compile.__qualname__ = "compile"
    safe_exec.__name__ = safe_exec.__qualname__ = "exec"
    builtins.compile, builtins.exec = safe_compile, safe_exec


class _ClosedFinder:
    """Hides the builder's own built-in module, which carries the marks."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.startswith("componentize_py"):
            raise ModuleNotFoundError("No module named " + repr(name), name=name)


def _no_time_zone(key):
    import zoneinfo

    raise zoneinfo.ZoneInfoNotFoundError("No time zone found with key " + str(key) + ": the sandbox has no files")


def close_imports():
    """After the snapshot a module is either already loaded, built in, or not found."""
    import linecache
    import importlib.machinery as machinery

    sys.path[:] = []
    sys.meta_path[:] = [_ClosedFinder, machinery.BuiltinImporter, machinery.FrozenImporter]
    sys.path_hooks[:] = []
    sys.path_importer_cache.clear()
    sys.dont_write_bytecode = True
    linecache.clearcache()
    linecache.updatecache = lambda filename, module_globals=None: []
    linecache.checkcache = lambda filename=None: None
    linecache.lazycache = lambda filename, module_globals: False


def silence_warnings():
    """Ignores every warning: showing one costs fuel that has nothing to do with the code."""
    import warnings

    warnings.resetwarnings()
    warnings.simplefilter("ignore")


def install_late():
    """Everything that would disturb the imports of the snapshot, in the order that works."""
    import os

    seed_random()
    freeze_datetime()
    silence_warnings()
    close_imports()
    os.environ.clear()
    install_system()
    for name in dir(posix):
        if name in vars(os) and not name.startswith("__"):
            setattr(os, name, getattr(posix, name))
    install_compile()
    install_network()
    sys.modules["zoneinfo._common"].load_tzdata = _no_time_zone
    os.cpu_count = os.process_cpu_count = lambda: 1
    install_files()


# Before any other module copies a clock.
install_clock()
install_random_source()
