from math import isqrt


def rug_sizes(wool):
    root = isqrt(wool)
    half = 0
    for length in range(1, root + 1):
        half += wool // length
    return 2 * half - root * root
