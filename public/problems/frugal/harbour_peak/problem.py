def generate(n, random):
    stays = []
    for _ in range(n):
        arrival = random.randrange(3 * n)
        stays.append([arrival, arrival + random.randint(1, n)])
    return (stays,)


def contract(stays):
    return all(0 <= arrival < departure <= 4 * len(stays) for arrival, departure in stays)
