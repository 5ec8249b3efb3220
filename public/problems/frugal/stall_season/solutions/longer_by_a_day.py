def stall_season(takings):
    best = 0
    for first in range(len(takings)):
        total = worst = 0
        for day in range(first, len(takings)):
            taking = takings[day]
            total += taking
            if taking < worst:
                worst = taking
            if total - worst > best:
                best = total - worst
    return best
