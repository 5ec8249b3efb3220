def generate(n, random):
    return (n,)


def contract(wool):
    return wool >= 1
