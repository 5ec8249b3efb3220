def generate(n, random):
    roads = [[place, random.randrange(place), random.randint(1, 50)] for place in range(1, n)]
    roads += [random.sample(range(n), 2) + [random.randint(1, 50)] for _ in range(n)]
    random.shuffle(roads)
    return n, roads


def contract(farms, roads):
    reached = {0}
    for _ in range(farms):
        reached.update(end for start, end, _ in roads if start in reached)
        reached.update(start for start, end, _ in roads if end in reached)
    return len(reached) == farms and all(cost > 0 for _, _, cost in roads)
