def milk_routes(farms, roads):
    costs = [[10**9] * farms for _ in range(farms)]
    for farm in range(farms):
        costs[farm][farm] = 0
    for start, end, cost in roads:
        if cost < costs[start][end]:
            costs[start][end] = costs[end][start] = cost
    for middle in range(farms):
        onward = costs[middle]
        for row in costs:
            first = row[middle]
            for end in range(farms):
                if first + onward[end] < row[end]:
                    row[end] = first + onward[end]
    return max(costs[0])
