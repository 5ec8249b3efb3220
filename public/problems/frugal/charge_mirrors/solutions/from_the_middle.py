def charge_mirrors(charges):
    mirrors = 0
    for gap in range(1, len(charges)):
        left, right = gap - 1, gap
        while left >= 0 and right < len(charges) and charges[left] + charges[right] == 0:
            mirrors += 1
            left -= 1
            right += 1
    return mirrors
