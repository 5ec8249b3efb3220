# bad-input: 40 — works when the guest looks up what to call, before the first mark
# entry: f
# arguments: []
# expect: out_of_fuel
# note: bounded like the stretch after the second mark
import sys

job = sys._getframe(1).f_locals["job"]


class Worker(type(job)):
    @property
    def arguments(self):
        sum(i * i for i in range(100_000))
        return ()

    @arguments.setter
    def arguments(self, value):
        pass


job.__class__ = Worker


def f():
    return 1
