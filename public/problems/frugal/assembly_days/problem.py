def generate(n, random):
    names = list(range(n))
    random.shuffle(names)
    needs = [[] for _ in range(n)]
    for place in range(1, n):
        for _ in range(2):
            needs[names[place]].append(names[place - random.randint(1, min(place, 3))])
    return (needs,)


def contract(needs):
    done = set()
    for _ in needs:
        done.update(part for part in range(len(needs)) if done.issuperset(needs[part]))
    return len(done) == len(needs)
