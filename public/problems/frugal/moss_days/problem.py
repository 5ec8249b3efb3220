def generate(n, random):
    return (n,)


def contract(days):
    return days >= 1
