"""Runs one call in the native interpreter: `prepare IN OUT` once, then `call OUT` or `skip OUT` under a counter.

`skip` does everything but the call, so that the difference of the two counts is the call.
"""

import gc
import marshal
import os
import sys


def function(source, entry):
    scope = {"__name__": "main"}
    exec(compile(source, "main.py", "exec"), scope)
    return scope[entry]


def values(text):
    return eval(text, {"__builtins__": {}, "set": set, "frozenset": frozenset, "float": float, "inf": float("inf")})


def prepare(request, prepared):
    import json

    with open(request, encoding="utf-8") as file:
        job = json.load(file)
    answer = function(job["source"], job["entry"])(*values(job["arguments"]))
    expected = values(job["expected"])
    if type(answer) is not type(expected) or answer != expected:
        sys.exit("the native interpreter returns " + repr(answer)[:80] + ", the guest " + repr(expected)[:80])
    with open(prepared, "wb") as file:
        marshal.dump((job["source"], job["entry"], values(job["arguments"])), file)


def count(prepared, calls):
    with open(prepared, "rb") as file:
        source, entry, arguments = marshal.load(file)
    called = function(source, entry)
    gc.collect()
    gc.disable()  # as the guest does
    if calls:
        called(*arguments)
    os._exit(0)  # whatever is let go at the end belongs to no call


sys.setrecursionlimit(20_000)
if sys.argv[1] == "version":
    print(sys.executable)
    print(sys.implementation.name, sys.version.split()[0])
    print(os.uname().machine + "-" + sys.platform)
elif sys.argv[1] == "prepare":
    prepare(sys.argv[2], sys.argv[3])
else:
    count(sys.argv[2], sys.argv[1] == "call")
