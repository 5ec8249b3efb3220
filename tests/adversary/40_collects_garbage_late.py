# bad-input: 40 — leaves the work to the collector's callbacks
# entry: f
# arguments: []
# expect: out_of_fuel
# note: a collection that begins before the second mark is charged; none runs when the result is encoded
import gc


def work(phase, info):
    while True:
        pass


def f():
    gc.enable()
    gc.set_threshold(10**6)
    for _ in range(100):
        cycle = []
        cycle.append(cycle)
    gc.callbacks.append(work)
    gc.set_threshold(1)
    return 1
