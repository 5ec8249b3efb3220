def generate(n, random):
    return ([random.randrange(256) for _ in range(n)],)


def contract(masks):
    return all(0 <= mask < 256 for mask in masks)
