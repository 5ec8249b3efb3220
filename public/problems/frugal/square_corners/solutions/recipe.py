from math import gcd


def square_corners(longest):
    triangles = 0
    large = 2
    while large * large < longest:
        for small in range(1 + large % 2, large, 2):
            long = large * large + small * small
            if long > longest:
                break
            if gcd(large, small) == 1:
                triangles += longest // long
        large += 1
    return triangles
