def generate(n, random):
    return (n,)


def contract(longest):
    return longest >= 1
