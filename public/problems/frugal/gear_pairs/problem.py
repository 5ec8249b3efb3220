def generate(n, random):
    return (n,)


def contract(teeth):
    return teeth >= 1
