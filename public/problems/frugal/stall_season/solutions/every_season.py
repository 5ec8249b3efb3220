def stall_season(takings):
    best = 0
    for first in range(len(takings)):
        for last in range(first, len(takings)):
            total = worst = 0
            for day in range(first, last + 1):
                total += takings[day]
                if takings[day] < worst:
                    worst = takings[day]
            if total - worst > best:
                best = total - worst
    return best
