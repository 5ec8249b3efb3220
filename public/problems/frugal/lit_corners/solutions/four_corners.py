def lit_corners(lit):
    size = len(lit)
    count = 0
    for top in range(size):
        for bottom in range(top + 1, size):
            for left in range(size):
                for right in range(left + 1, size):
                    if lit[top][left] + lit[top][right] + lit[bottom][left] + lit[bottom][right] == 4:
                        count += 1
    return count
