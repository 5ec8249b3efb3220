def charge_mirrors(charges):
    mirrors = 0
    for first in range(len(charges)):
        for last in range(first + 1, len(charges), 2):
            left, right = first, last
            while left < right and charges[left] + charges[right] == 0:
                left += 1
                right -= 1
            if left > right:
                mirrors += 1
    return mirrors
