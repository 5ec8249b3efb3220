# entry: solve
# arguments: [120]
from decimal import Decimal, getcontext
from fractions import Fraction


def solve(n):
    getcontext().prec = 40
    harmonic = sum(Fraction(1, i) for i in range(1, n))
    root = Decimal(2).sqrt()
    series = sum(Decimal(1) / Decimal(i) ** 2 for i in range(1, 10 * n))
    return harmonic.numerator % 10**9, str(root), str(series)[:20]
