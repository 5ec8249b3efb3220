def fence_coats(boards, coats):
    fence = [-1] * boards
    for coat in range(len(coats)):
        first, last = coats[coat]
        for board in range(first, last):
            fence[board] = coat
    seen = [0] * len(coats)
    for coat in fence:
        if coat >= 0:
            seen[coat] += 1
    return seen
