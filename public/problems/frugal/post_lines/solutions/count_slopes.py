from math import gcd


def post_lines(posts):
    lines = 0
    for place, (x, y) in enumerate(posts):
        counts = {}
        for other_x, other_y in posts[:place]:
            across, up = other_x - x, other_y - y
            common = gcd(across, up)
            if across < 0 or across == 0 and up < 0:
                common = -common
            direction = (across // common, up // common)
            seen = counts.get(direction, 0)
            lines += seen
            counts[direction] = seen + 1
    return lines
