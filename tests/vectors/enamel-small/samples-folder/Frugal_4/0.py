    def pair(k):
        if k == 0:
            return 0, 1
        a, b = pair(k // 2)
        c = a * (2 * b - a) % m
        d = (a * a + b * b) % m
        return ((d, (c + d) % m) if k % 2 else (c, d))
    return pair(n)[0] % m
