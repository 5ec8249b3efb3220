def bead_turns(beads):
    size = len(beads)
    ring = beads + beads
    for turn in range(1, size):
        offset = 0
        while offset < size and ring[offset] == ring[turn + offset]:
            offset += 1
        if offset == size:
            return turn
    return size
