def generate(n, random):
    codes = ["".join(random.choices("abcdefgh", k=6)) for _ in range(max(1, 3 * n // 4))]
    return ([random.choice(codes) for _ in range(n)],)


def contract(scans):
    return all(code.isascii() for code in scans)
