def digit_drains(limit):
    times = [0]
    for level in range(1, limit + 1):
        lower = level
        rest = level
        while rest:
            lower -= rest % 10
            rest //= 10
        times.append(times[lower] + 1)
    return sum(times)
