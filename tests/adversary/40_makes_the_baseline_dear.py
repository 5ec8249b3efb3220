# bad-input: 40 — makes the measurement of nothing dear, so that less is left of its own
# entry: f
# arguments: []
# expect: out_of_fuel | rejected
# note: what the baseline may cost is bounded; a call below it is rejected
import sys

guest = sys._getframe(1).f_globals
mark = guest["_mark"]
calls = 0


def dear():
    global calls
    mark()
    calls += 1
    if calls < 5:
        sum(i * i for i in range(100))


guest["_mark"] = dear


def f():
    return sum(range(1_000))
