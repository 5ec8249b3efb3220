from bisect import bisect_left


def marked_lines(text, marks):
    ends = []
    place = text.find("\n")
    while place >= 0:
        ends.append(place)
        place = text.find("\n", place + 1)
    return sum([bisect_left(ends, mark) for mark in marks]) + len(marks)
