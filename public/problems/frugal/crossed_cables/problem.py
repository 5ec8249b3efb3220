def generate(n, random):
    landings = list(range(n))
    random.shuffle(landings)
    return (landings,)


def contract(landings):
    return sorted(landings) == list(range(len(landings)))
