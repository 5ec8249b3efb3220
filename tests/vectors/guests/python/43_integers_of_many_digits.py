# entry: solve
# arguments: [20000]
import sys
from decimal import Decimal
from fractions import Fraction


def solve(digits):
    sys.set_int_max_str_digits(0)
    number = 7 * (10**digits - 1) // 9
    text = str(number)
    checks = [text == "7" * digits, int(text) == number, int(Decimal(number)) == number, f"{number:x}" == hex(number)[2:]]
    return checks, str(Decimal(text) / 7)[:8], str(Fraction(number, 7).numerator % 1009), number % (10**12 + 39)
