# bad-input: 40 — replaces the guest's encoder of results, and works there
# entry: f
# arguments: []
# expect: out_of_fuel
# note: bounded like the decoder, by the size of the reply
import sys


def f():
    guest = sys._getframe(1).f_globals
    encode = guest["codec"].encode
    guest["codec"].encode = lambda value, *rest: encode(sum(i * i for i in range(1_000_000)), *rest)
