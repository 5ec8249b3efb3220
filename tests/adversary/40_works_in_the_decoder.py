# bad-input: 40 — replaces the guest's decoder of arguments, and works there on what it decodes
# entry: f
# arguments: [1000000]
# expect: out_of_fuel
# note: code under test shares the interpreter, so it can; what decoding may spend is bounded by the size of the arguments
import sys

guest = sys._getframe(1).f_globals
loads = guest["codec"].loads
answer = None


def work(data):
    global answer
    request = loads(data)
    answer = sum(i * i for i in range(request["arguments"][0]))
    return request


guest["codec"].loads = work


def f(n):
    return answer
