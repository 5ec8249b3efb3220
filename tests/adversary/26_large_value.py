# bad-input: 26 — a return value larger than the output limit
# entry: f
# arguments: []
# limits: output_bytes=1000000
# expect: output_too_large
def f():
    return 'x' * 2_000_000
