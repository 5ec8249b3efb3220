def post_lines(posts):
    lines = 0
    for third in range(len(posts)):
        x, y = posts[third]
        for second in range(third):
            across, up = posts[second][0] - x, posts[second][1] - y
            for first in range(second):
                if (posts[first][0] - x) * up == (posts[first][1] - y) * across:
                    lines += 1
    return lines
