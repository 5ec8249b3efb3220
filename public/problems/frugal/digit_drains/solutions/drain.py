def digit_drains(limit):
    total = 0
    for level in range(1, limit + 1):
        while level:
            rest = level
            while rest:
                level -= rest % 10
                rest //= 10
            total += 1
    return total
