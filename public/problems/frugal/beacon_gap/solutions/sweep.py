def beacon_gap(beacons):
    beacons = sorted(beacons)
    best = None
    for later in range(len(beacons)):
        x, y = beacons[later]
        for earlier in range(later - 1, -1, -1):
            other_x, other_y = beacons[earlier]
            across = (x - other_x) * (x - other_x)
            if best is not None and across >= best:
                break
            gap = across + (y - other_y) * (y - other_y)
            if best is None or gap < best:
                best = gap
    return best
