from heapq import heapify, heappop


def lamp_twins(periods):
    heap = list(periods)
    heapify(heap)
    twins = run = 0
    last = None
    while heap:
        period = heappop(heap)
        if period == last:
            run += 1
            twins += run
        else:
            last = period
            run = 0
    return twins
