def generate(n, random):
    return (n,)


def contract(limit):
    return limit >= 1
