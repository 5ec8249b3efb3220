from heapq import heapify, heapreplace


def deepest_wells(levels, days):
    heap = [-level for level in levels]
    heapify(heap)
    drawn = 0
    for _ in range(days):
        half = (1 - heap[0]) // 2
        heapreplace(heap, heap[0] + half)
        drawn += half
    return drawn
