def fence_coats(boards, coats):
    bare = list(range(boards + 1))
    seen = [0] * len(coats)
    for coat in range(len(coats) - 1, -1, -1):
        board, last = coats[coat]
        while True:
            while bare[board] != board:
                bare[board] = board = bare[bare[board]]
            if board >= last:
                break
            bare[board] = board + 1
            seen[coat] += 1
    return seen
