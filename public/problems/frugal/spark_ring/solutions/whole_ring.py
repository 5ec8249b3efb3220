def spark_ring(lamps, ticks):
    size = len(lamps)
    full = (1 << size) - 1
    ring = int(lamps, 2)
    for _ in range(ticks):
        left = (ring << 1 | ring >> (size - 1)) & full
        right = ring >> 1 | (ring & 1) << (size - 1)
        ring = left ^ right
    return format(ring, "0" + str(size) + "b")
