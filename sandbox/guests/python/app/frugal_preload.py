"""Loads the part of the standard library that code under test may import.

The snapshot has no file system, so what is not loaded here does not exist later. `MODULES` is the
promise; what those modules themselves import late, inside functions, is loaded too where it exists.
"""

import ast
import importlib
import os
import sys

MODULES = """
abc argparse array ast asyncio atexit base64 binascii bisect calendar cmath cmd codecs collections
collections.abc colorsys configparser contextlib contextvars copy copyreg csv dataclasses datetime decimal
difflib dis enum errno fnmatch fractions functools gc getopt glob graphlib gzip hashlib heapq hmac html
html.parser inspect io ipaddress itertools json keyword linecache locale logging marshal math numbers
operator optparse os os.path pathlib pickle pickletools platform posixpath pprint queue quopri random re
reprlib sched secrets shlex shutil signal socket statistics stat string string.templatelib struct subprocess symtable sys tempfile
textwrap threading time timeit token tokenize tomllib traceback types typing unicodedata unittest
unittest.mock urllib.parse uuid warnings weakref xml.etree.ElementTree zlib zoneinfo doctest
concurrent.futures importlib.util annotationlib _pylong _strptime encodings.utf_7 encodings.charmap
encodings.undefined encodings.cp1250 encodings.cp1251 encodings.iso8859_2 encodings.iso8859_15
encodings.koi8_r encodings.mac_roman encodings.quopri_codec encodings.uu_codec encodings.zlib_codec encodings.ascii encodings.latin_1 encodings.utf_8
encodings.utf_8_sig encodings.utf_16 encodings.utf_16_le encodings.utf_16_be encodings.utf_32
encodings.utf_32_le encodings.utf_32_be encodings.cp437 encodings.cp1252 encodings.iso8859_1
encodings.unicode_escape encodings.raw_unicode_escape encodings.hex_codec encodings.rot_13
encodings.base64_codec encodings.punycode encodings.idna __future__ ntpath
""".split()

# Never worth their bytes: they need a screen, a process, the network, a debugger or a file system.
_SKIPPED = frozenset(
    """_aix_support _ios_support _osx_support plistlib _pydatetime _pydecimal _pyio antigravity bdb bz2 code codeop ctypes curses dbm
    email ensurepip ftplib getpass http idlelib imaplib lzma mailbox multiprocessing nturl2path pdb pip
    pkgutil poplib profile pstats pty pydoc readline rlcompleter runpy smtplib sqlite3 ssl sysconfig
    tarfile this tkinter turtle tty urllib.request urllib.error venv webbrowser winreg wsgiref xmlrpc
    zipapp zipfile zipimport _pyrepl pyrepl msvcrt nt test importlib.metadata""".split()
)


def _late_imports(source, package):
    """Names of modules imported inside functions of a module's source; some name no module but what it holds."""
    for outer in ast.walk(ast.parse(source)):
        if not isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for node in ast.walk(outer):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                parent = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
                base = ".".join(parent + ([node.module] if node.module else []))
                yield base
                yield from (base + "." + alias.name for alias in node.names)


def _package(name):
    """What relative imports in a loaded module start from."""
    return getattr(sys.modules[name], "__package__", None) or name.rpartition(".")[0]


def _skipped(name):
    parts = name.split(".")
    return any(".".join(parts[: end + 1]) in _SKIPPED for end in range(len(parts)))


def _source(name):
    """Source text of a loaded library module; empty where it has none."""
    loader = getattr(getattr(sys.modules[name], "__spec__", None), "loader", None)
    if name.startswith(("frugal_", "wit_world", "componentize_py")):
        return ""
    try:
        return loader.get_source(name) or ""
    except (AttributeError, ImportError):
        return ""


def _load(name):
    try:
        importlib.import_module(name)
    except Exception:  # a module this build of CPython does not have
        return False
    return True


def load():
    """Imports everything; returns the names in MODULES that this build does not have."""
    # The builder also offers the packages of the machine that it runs on: the guest must not depend on them.
    path, sys.path[:] = list(sys.path), [os.path.dirname(ast.__file__)]
    missing = [name for name in MODULES if not _load(name)]
    done = set()
    while pending := [name for name in list(sys.modules) if name not in done]:
        for name in pending:
            done.add(name)
            for late in sorted(set(_late_imports(_source(name), _package(name)))):
                if late not in sys.modules and not _skipped(late):
                    _load(late)
    sys.path[:] = path
    return missing
