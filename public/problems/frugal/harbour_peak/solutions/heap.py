from heapq import heappop, heappush


def harbour_peak(stays):
    peak = 0
    departures = []
    for arrival, departure in sorted(stays):
        while departures and departures[0] <= arrival:
            heappop(departures)
        heappush(departures, departure)
        peak = max(peak, len(departures))
    return peak
