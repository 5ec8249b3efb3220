def lake_bridges(islands, bridges):
    group = list(range(islands))
    groups = islands
    counts = []
    for start, end in bridges:
        old, new = group[start], group[end]
        if old != new:
            groups -= 1
            for island in range(islands):
                if group[island] == old:
                    group[island] = new
        counts.append(groups)
    return counts
