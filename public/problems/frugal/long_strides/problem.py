def generate(n, random):
    return (n,)


def contract(planks):
    return planks >= 4
