def generate(n, random):
    level, levels = 0, []
    for _ in range(n):
        level += random.randint(-4, 4)
        levels.append(level)
    return levels, 6 + n // 8


def contract(levels, spread):
    return len(levels) > 0 and spread >= 0
