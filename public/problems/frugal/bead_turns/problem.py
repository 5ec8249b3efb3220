def generate(n, random):
    if n < 12 and random.random() < 0.5:
        part = "".join(random.choices("rb", k=max(1, n // 3)))
        return (part * 3,)
    return ("r" * (n - 1) + "b",)


def contract(beads):
    return len(beads) > 0
