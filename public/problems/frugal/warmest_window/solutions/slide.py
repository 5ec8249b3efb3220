def warmest_window(heat, side):
    best = None
    size = len(heat)
    for top in range(size - side + 1):
        total = 0
        for right in range(size):
            for row in range(top, top + side):
                total += heat[row][right]
                if right >= side:
                    total -= heat[row][right - side]
            if right >= side - 1 and (best is None or total > best):
                best = total
    return best
