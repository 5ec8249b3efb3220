from functools import cmp_to_key


def post_lines(posts):
    lines = 0
    order = cmp_to_key(lambda one, other: one[1] * other[0] - other[1] * one[0])
    for place, (x, y) in enumerate(posts):
        directions = []
        for other_x, other_y in posts[:place]:
            across, up = other_x - x, other_y - y
            directions.append((-across, -up) if across < 0 or across == 0 and up < 0 else (across, up))
        directions.sort(key=order)
        run = 0
        for earlier in range(1, len(directions)):
            one, other = directions[earlier - 1], directions[earlier]
            run = run + 1 if one[0] * other[1] == one[1] * other[0] else 0
            lines += run
    return lines
