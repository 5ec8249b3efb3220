def generate(n, random):
    return ([-1] + [bee - random.randint(1, min(bee, 2)) for bee in range(1, n)],)


def contract(leaders):
    return leaders[0] == -1 and all(0 <= leaders[bee] < bee for bee in range(1, len(leaders)))
