def generate(n, random):
    return tuple([random.randrange(1, 10) for _ in range(n)] for _ in range(2))


def contract(first, second):
    return len(first) == len(second) > 0 and all(0 <= count < 10 for count in first + second)
