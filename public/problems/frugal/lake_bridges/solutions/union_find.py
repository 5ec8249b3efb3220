def lake_bridges(islands, bridges):
    parent = list(range(islands))
    groups = islands
    counts = []
    for start, end in bridges:
        while parent[start] != start:
            parent[start] = start = parent[parent[start]]
        while parent[end] != end:
            parent[end] = end = parent[parent[end]]
        if start != end:
            parent[start] = end
            groups -= 1
        counts.append(groups)
    return counts
