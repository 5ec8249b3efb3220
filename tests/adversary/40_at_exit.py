# bad-input: 40 — works when the interpreter ends
# entry: f
# arguments: []
# expect: finished
# value: 1
# note: the interpreter never ends; its instance is dropped
import atexit, weakref


def work(*arguments):
    while True:
        pass


class Thing:
    pass


thing = Thing()


def f():
    atexit.register(work)
    weakref.finalize(thing, work)
    return 1
