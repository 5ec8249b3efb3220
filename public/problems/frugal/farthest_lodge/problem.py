def generate(n, random):
    names = list(range(1, n))
    random.shuffle(names)
    lodges = [0] + names
    paths = [[lodges[place], lodges[place - random.randint(1, min(place, 2))]] for place in range(1, n)]
    random.shuffle(paths)
    return n, paths


def contract(lodges, paths):
    reached = {0}
    for _ in range(lodges):
        reached.update(end for start, end in paths if start in reached)
        reached.update(start for start, end in paths if end in reached)
    return len(reached) == lodges
