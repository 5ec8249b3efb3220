def mast_shadow(heights):
    total = 0
    for mast, height in enumerate(heights):
        for other in range(mast - 1, -1, -1):
            if heights[other] > height:
                total += mast - other
                break
    return total
