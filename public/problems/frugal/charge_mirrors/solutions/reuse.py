def charge_mirrors(charges):
    radii = [0] * (len(charges) + 1)
    mirrors = middle = edge = 0
    for gap in range(1, len(charges)):
        radius = min(radii[2 * middle - gap], edge - gap) if gap < edge else 0
        while (
            gap > radius
            and gap + radius < len(charges)
            and charges[gap - radius - 1] + charges[gap + radius] == 0
        ):
            radius += 1
        radii[gap] = radius
        mirrors += radius
        if gap + radius > edge:
            middle, edge = gap, gap + radius
    return mirrors
