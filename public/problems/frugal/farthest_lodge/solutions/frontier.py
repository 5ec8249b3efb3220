def farthest_lodge(lodges, paths):
    neighbours = [[] for _ in range(lodges)]
    for start, end in paths:
        neighbours[start].append(end)
        neighbours[end].append(start)
    reached = [False] * lodges
    reached[0] = True
    frontier = [0]
    hours = -1
    while frontier:
        hours += 1
        following = []
        for lodge in frontier:
            for other in neighbours[lodge]:
                if not reached[other]:
                    reached[other] = True
                    following.append(other)
        frontier = following
    return hours
