def generate(n, random):
    return (["".join(random.choices("klmnop", k=12)) for _ in range(n)],)


def contract(labels):
    return len(labels) > 0 and all("-" not in label for label in labels)
