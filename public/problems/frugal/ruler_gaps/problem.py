def generate(n, random):
    return (sorted(random.sample(range(8 * n), n)),)


def contract(marks):
    return all(low < high for low, high in zip(marks, marks[1:]))
