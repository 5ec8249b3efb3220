# entry: solve
# arguments: [250]
import heapq


def solve(n):
    graph = {i: [((i * 7 + 1) % n, 3), ((i * 3 + 2) % n, 5), ((i + 1) % n, 2)] for i in range(n)}
    distance = {0: 0}
    queue = [(0, 0)]
    while queue:
        d, node = heapq.heappop(queue)
        if d > distance[node]:
            continue
        for other, weight in graph[node]:
            if d + weight < distance.get(other, 1 << 30):
                distance[other] = d + weight
                heapq.heappush(queue, (d + weight, other))
    return sum(distance.values()), max(distance.values())
