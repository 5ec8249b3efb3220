def spark_ring(lamps, ticks):
    ring = [int(lamp) for lamp in lamps]
    for _ in range(ticks):
        ring = [ring[place - 1] ^ ring[place + 1 - len(ring)] for place in range(len(ring))]
    return "".join(map(str, ring))
