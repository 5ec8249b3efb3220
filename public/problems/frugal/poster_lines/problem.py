def generate(n, random):
    return [random.randint(1, 9) for _ in range(n)], 24


def contract(lengths, width):
    return len(lengths) > 0 and all(1 <= length <= width for length in lengths)
