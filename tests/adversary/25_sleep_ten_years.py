# bad-input: 25 — sleeping costs no time: clocks are virtual
# entry: f
# arguments: []
# expect: finished
# value: 1
import time
def f():
    time.sleep(315360000)
    return 1
