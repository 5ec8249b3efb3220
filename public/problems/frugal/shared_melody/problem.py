def generate(n, random):
    first = "".join(random.choices("aaaaaaaaab", k=n))
    second = "".join(random.choices("aaaaaaaaab", k=n))
    if n >= 20:
        first, second = "a" * n, "a" * (n // 2) + "b" + "a" * (n - n // 2 - 1)
    return first, second


def contract(first, second):
    return first.isalpha() and second.isalpha()
