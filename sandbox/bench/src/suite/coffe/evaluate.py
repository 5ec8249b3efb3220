import random as __random
import sys as __sys


def __frugal_evaluate(expression, seed):
    """The arguments that an expression means. Numbers of any length, and random ones, may stand in it."""
    __sys.set_int_max_str_digits(0)
    __random.seed(seed)
    arguments = eval(expression, {"random": __random})
    if type(arguments) is not list:
        raise TypeError("a stressful test must be a list of arguments, not " + type(arguments).__name__)
    return tuple(arguments)
