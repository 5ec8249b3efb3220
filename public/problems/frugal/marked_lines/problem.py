def generate(n, random):
    lines = ["x" * random.randrange(1, 8) for _ in range(n // 4 + 1)]
    text = "\n".join(lines)
    return text, [random.randrange(len(text)) for _ in range(n)]


def contract(text, marks):
    return all(0 <= mark < len(text) for mark in marks)
