def lake_bridges(islands, bridges):
    linked = [[False] * islands for _ in range(islands)]
    counts = []
    for start, end in bridges:
        linked[start][end] = linked[end][start] = True
        seen = [False] * islands
        groups = 0
        for island in range(islands):
            if seen[island]:
                continue
            groups += 1
            seen[island] = True
            stack = [island]
            while stack:
                row = linked[stack.pop()]
                for other in range(islands):
                    if row[other] and not seen[other]:
                        seen[other] = True
                        stack.append(other)
        counts.append(groups)
    return counts
