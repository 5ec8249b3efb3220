def fibonacci_remainder(n: int, m: int) -> int:
    """Return the n-th Fibonacci number (0, 1, 1, 2, ...) modulo m, for n >= 0 and m >= 1.
    >>> fibonacci_remainder(10, 7)
    6
    """
    a, b = 0, 1
    for _ in range(n):
        a, b = b, (a + b) % m
    return a % m
