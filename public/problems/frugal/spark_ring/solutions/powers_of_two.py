def spark_ring(lamps, ticks):
    size = len(lamps)
    full = (1 << size) - 1
    ring = int(lamps, 2)
    for power in range(ticks.bit_length()):
        if ticks >> power & 1:
            turn = (1 << power) % size
            left = (ring << turn | ring >> (size - turn)) & full
            right = (ring >> turn | ring << (size - turn)) & full
            ring = left ^ right
    return format(ring, "0" + str(size) + "b")
