# bad-input: 20, 21 — unbounded recursion
# entry: f
# arguments: [0]
# expect: guest_error RecursionError
def f(n):
    return f(n + 1)
