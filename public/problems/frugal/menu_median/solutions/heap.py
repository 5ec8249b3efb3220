from heapq import heappop, heappush


def menu_median(starters, mains):
    starters, mains = sorted(starters), sorted(mains)
    heap = [(starter + mains[0], starter, 0) for starter in starters]
    for _ in range(len(starters) * len(mains) // 2):
        price, starter, main = heappop(heap)
        if main + 1 < len(mains):
            heappush(heap, (starter + mains[main + 1], starter, main + 1))
    return heap[0][0]
