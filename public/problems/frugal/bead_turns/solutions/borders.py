def bead_turns(beads):
    size = len(beads)
    borders = [0] * size
    border = 0
    for place in range(1, size):
        while border and beads[place] != beads[border]:
            border = borders[border - 1]
        if beads[place] == beads[border]:
            border += 1
        borders[place] = border
    period = size - border
    return period if size % period == 0 else size
