import random as __random
import sys as __sys


def __frugal_evaluate(expression):
    """The arguments that an expression means."""
    __sys.set_int_max_str_digits(0)
    __random.seed(0)
    arguments = eval(expression, {"random": __random})
    if type(arguments) not in (list, tuple):
        raise TypeError("an input must be a list or tuple of arguments, not " + type(arguments).__name__)
    return tuple(arguments)
