def bead_turns(beads):
    size = len(beads)
    ring = beads + beads
    kept = []
    for start in range(size):
        for other in kept:
            offset = 0
            while offset < size and ring[start + offset] == ring[other + offset]:
                offset += 1
            if offset == size:
                break
        else:
            kept.append(start)
    return len(kept)
