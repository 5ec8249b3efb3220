def lit_corners(lit):
    count = 0
    for bottom in range(len(lit)):
        for top in range(bottom):
            common = 0
            for column in range(len(lit)):
                if lit[top][column] and lit[bottom][column]:
                    common += 1
            count += common * (common - 1) // 2
    return count
