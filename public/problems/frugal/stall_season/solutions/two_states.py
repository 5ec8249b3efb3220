def stall_season(takings):
    best = working = rested = 0
    for taking in takings:
        rested = max(rested + taking, working)
        working = max(working + taking, 0)
        rested = max(rested, working)
        best = max(best, rested)
    return best
