# bad-input: 40 — returns the work instead of its result
# entry: f
# arguments: []
# expect: finished
# note: nobody iterates over it, and an opaque value equals nothing
def f():
    return (sum(range(10**9)) for _ in range(10**9))
