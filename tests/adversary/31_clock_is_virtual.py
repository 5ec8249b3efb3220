# bad-input: 31 — a spin loop sees virtual time only, the same on every machine
# entry: f
# arguments: []
# expect: finished
# repeat: equal
import time
def f():
    start = time.perf_counter_ns()
    for _ in range(100000):
        pass
    return time.perf_counter_ns() - start
