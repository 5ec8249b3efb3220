def generate(n, random):
    heights = [10 * mast + random.randrange(40) for mast in range(n)]
    heights[0] = 20 * n + 100
    return (heights,)


def contract(heights):
    return all(height >= 0 for height in heights)
