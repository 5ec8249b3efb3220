def farthest_lodge(lodges, paths):
    hours = [[lodges] * lodges for _ in range(lodges)]
    for lodge in range(lodges):
        hours[lodge][lodge] = 0
    for start, end in paths:
        hours[start][end] = hours[end][start] = 1
    for middle in range(lodges):
        onward = hours[middle]
        for start in range(lodges):
            row = hours[start]
            first = row[middle]
            for end in range(lodges):
                if first + onward[end] < row[end]:
                    row[end] = first + onward[end]
    return max(hours[0])
