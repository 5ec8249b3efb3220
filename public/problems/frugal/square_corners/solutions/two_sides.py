from math import isqrt


def square_corners(longest):
    triangles = 0
    for middle in range(1, longest + 1):
        for short in range(1, middle):
            square = short * short + middle * middle
            if square > longest * longest:
                break
            long = isqrt(square)
            if long * long == square:
                triangles += 1
    return triangles
