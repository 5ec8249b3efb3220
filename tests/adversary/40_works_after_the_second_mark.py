# bad-input: 40 — works when the guest keeps the result, after the second mark
# entry: f
# arguments: []
# expect: out_of_fuel
# note: bounded by what a guest may spend between its second mark and returning
import sys


def f():
    job = sys._getframe(1).f_locals["job"]

    class Worker(type(job)):
        def __setattr__(self, name, value):
            object.__setattr__(self, name, sum(i * i for i in range(100_000)))

    job.__class__ = Worker
