def warmest_window(heat, side):
    best = None
    places = len(heat) - side + 1
    for top in range(places):
        for left in range(places):
            total = 0
            for row in range(top, top + side):
                for column in range(left, left + side):
                    total += heat[row][column]
            if best is None or total > best:
                best = total
    return best
