from typing import List


def mean_of_squares(values: List[float]) -> float:
    """Return the mean of the squares of values, which is not empty; a relative error of 1e-9 is fine.
    >>> mean_of_squares([1.0, 3.0])
    5.0
    """
    squares = []
    for value in values:
        squares = squares + [value ** 2]
    return sum(squares) / len(values)
