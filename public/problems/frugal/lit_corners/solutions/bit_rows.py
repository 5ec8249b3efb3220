def lit_corners(lit):
    rows = [int("".join(["1" if window else "0" for window in row]), 2) for row in lit]
    count = 0
    for bottom in range(len(rows)):
        for top in range(bottom):
            common = (rows[top] & rows[bottom]).bit_count()
            count += common * (common - 1) // 2
    return count
