def long_strides(planks):
    ways = 0
    strides = planks - 2
    for first in range(strides):
        for second in range(first + 1, strides):
            ways += 1
    return ways
