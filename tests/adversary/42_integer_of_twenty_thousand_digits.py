# bad-input: 42 — integers too long for the quadratic conversions
# entry: f
# arguments: [20000]
# expect: finished
# value: True
import sys
from decimal import Decimal


def f(digits):
    sys.set_int_max_str_digits(0)
    number = 7 * (10**digits - 1) // 9
    text = str(number)
    return text == "7" * digits and int(text) == number and int(Decimal(number)) == number
