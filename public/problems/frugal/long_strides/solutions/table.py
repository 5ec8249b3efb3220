def long_strides(planks):
    before, now = (0, 0, 0), (1, 0, 0)
    for _ in range(planks):
        none, one, two = now
        before, now = now, (none, one + before[0], two + before[1])
    return now[2]
