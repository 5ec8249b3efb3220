def generate(n, random):
    ledger = []
    for _ in range(n):
        first, last = sorted((random.randrange(n + 1), random.randrange(n + 1)))
        ledger.append([random.randrange(n), random.randint(1, 9), first, last])
    return n, ledger


def contract(granaries, ledger):
    return all(0 <= entry[0] < granaries and 0 <= entry[2] <= entry[3] <= granaries for entry in ledger)
