def generate(n, random):
    coats = []
    for _ in range(n):
        first = random.randrange(n)
        coats.append([first, min(n, first + random.randint(1, n // 2 + 1))])
    return n, coats


def contract(boards, coats):
    return all(0 <= first < last <= boards for first, last in coats)
