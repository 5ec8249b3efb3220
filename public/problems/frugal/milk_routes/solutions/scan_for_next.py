def milk_routes(farms, roads):
    table = [[0] * farms for _ in range(farms)]
    for start, end, cost in roads:
        if not table[start][end] or cost < table[start][end]:
            table[start][end] = table[end][start] = cost
    costs = [10**9] * farms
    costs[0] = 0
    settled = [False] * farms
    for _ in range(farms):
        nearest = -1
        for farm in range(farms):
            if not settled[farm] and (nearest < 0 or costs[farm] < costs[nearest]):
                nearest = farm
        settled[nearest] = True
        for farm, cost in enumerate(table[nearest]):
            if cost and costs[nearest] + cost < costs[farm]:
                costs[farm] = costs[nearest] + cost
    return max(costs)
