def ruler_gaps(marks):
    ruler = 0
    for mark in marks:
        ruler |= 1 << mark
    found = 0
    for mark in marks:
        found |= ruler >> mark
    return max(found.bit_count() - 1, 0)
