# bad-input: 40 — computes every likely answer at its top level, which is not charged
# entry: f
# arguments: [500]
# expect: finished
# value: 124750
# note: allowed, as benchmarks time the call alone; what it may spend there is the limit `setup_fuel`
ANSWERS = [sum(range(n)) for n in range(1_000)]


def f(n):
    return ANSWERS[n]
