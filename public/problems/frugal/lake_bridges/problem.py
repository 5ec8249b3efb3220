def generate(n, random):
    order = list(range(n))
    random.shuffle(order)
    links = list(zip(order, order[1:])) + [(order[0], order[-1])]
    return n, [random.sample(link, 2) for link in links]


def contract(islands, bridges):
    return all(0 <= start < islands and 0 <= end < islands for start, end in bridges)
