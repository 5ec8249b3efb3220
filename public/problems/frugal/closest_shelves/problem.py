def generate(n, random):
    left = sorted(random.randrange(0, 40 * n, 2) for _ in range(n))
    right = sorted(random.randrange(1, 40 * n, 2) for _ in range(n))
    return left, right


def contract(left, right):
    return len(left) > 0 and len(right) > 0 and left == sorted(left) and right == sorted(right)
