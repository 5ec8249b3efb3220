def square_corners(longest):
    triangles = 0
    for middle in range(1, longest + 1):
        for short in range(1, middle):
            square = short * short + middle * middle
            if square > longest * longest:
                break
            low, high = middle, longest
            while low < high:
                long = (low + high) // 2
                if long * long < square:
                    low = long + 1
                else:
                    high = long
            if low * low == square:
                triangles += 1
    return triangles
