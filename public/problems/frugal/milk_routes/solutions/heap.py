from heapq import heappop, heappush


def milk_routes(farms, roads):
    neighbours = [[] for _ in range(farms)]
    for start, end, cost in roads:
        neighbours[start].append((end, cost))
        neighbours[end].append((start, cost))
    settled = [False] * farms
    heap = [(0, 0)]
    highest = 0
    while heap:
        spent, farm = heappop(heap)
        if settled[farm]:
            continue
        settled[farm] = True
        highest = spent
        for other, cost in neighbours[farm]:
            if not settled[other]:
                heappush(heap, (spent + cost, other))
    return highest
