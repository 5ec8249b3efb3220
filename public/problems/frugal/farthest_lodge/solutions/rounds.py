def farthest_lodge(lodges, paths):
    reached = [False] * lodges
    reached[0] = True
    hours = 0
    while True:
        new = []
        for start, end in paths:
            if reached[start] != reached[end]:
                new.append(end if reached[start] else start)
        if not new:
            return hours
        for lodge in new:
            reached[lodge] = True
        hours += 1
