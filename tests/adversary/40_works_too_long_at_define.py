# bad-input: 40 — the same beyond the limit
# entry: f
# arguments: [500]
# limits: setup_fuel=50000000
# expect: out_of_fuel
ANSWERS = [sum(range(n)) for n in range(10_000)]


def f(n):
    return ANSWERS[n]
