# What ENAMEL's input generators expect to find in scope. Written for Frugal from how they are called.
import collections
import copy
import hashlib
import math
import random
import re
import string
import typing


def _is_prime(n):
    """Miller-Rabin with bases that decide every n below 3.3e24."""
    if n < 2:
        return False
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
    for p in bases:
        if n % p == 0:
            return n == p
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd //= 2
        twos += 1
    for base in bases:
        x = pow(base, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def rand_probably_prime(low, high=None):
    """A random prime in [low, high]; with one argument, in the upper half of [2, low]. 2 where there is none."""
    if high is None:
        low, high = (low + 1) // 2, low
    low, high = max(low, 2), max(high, 2)
    start = n = random.randint(min(low, high), high)
    while n <= high:
        if _is_prime(n):
            return n
        n += 1
    n = start
    while n > 2 and not _is_prime(n):
        n -= 1
    return n


def rand_primality(size, lid, cid):
    """A number up to about size whose primality is hard to tell, by the case: the first cases of level 0 are
    the edges (1, a prime square, a prime, an even number); then primes and squares take turns with products
    of two large primes and powers with small factors."""
    if lid == 0 and cid < 4:
        return (1, 4, rand_probably_prime(size), 2 * random.randint(2, max(2, size // 2)))[cid]
    root = max(math.isqrt(size), 2)
    kind = cid % 6
    if kind in (0, 2):
        return rand_probably_prime(size)
    if kind in (1, 3):
        return rand_probably_prime(root) ** 2
    if kind == 4:
        return rand_probably_prime(root) * rand_probably_prime(root)
    small = rand_probably_prime(max(2, math.isqrt(root)))
    return small * rand_probably_prime(max(2, size // small))


def rand_parens(size, sep="", valid=True, par="()"):
    """About size random parentheses; balanced if valid. Top-level groups are joined by sep."""
    opening, closing = par
    if not valid:
        return "".join(random.choices(par, k=size))
    left, depth, groups, group = max(size // 2, 1), 0, [], []
    while left or depth:
        if left and (depth == 0 or random.randint(0, 1)):
            left -= 1
            depth += 1
            group.append(opening)
        else:
            depth -= 1
            group.append(closing)
            if depth == 0:
                groups.append("".join(group))
                group = []
    return sep.join(groups)
