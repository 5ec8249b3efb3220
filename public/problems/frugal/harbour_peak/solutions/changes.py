from itertools import accumulate


def harbour_peak(stays):
    changes = [0] * (4 * len(stays) + 1)
    for arrival, departure in stays:
        changes[arrival] += 1
        changes[departure] -= 1
    return max(accumulate(changes))
