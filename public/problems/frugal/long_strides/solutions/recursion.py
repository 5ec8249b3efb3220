def long_strides(planks):
    def ways(left, long):
        if left < 0 or long < 0:
            return 0
        if left == 0:
            return 1 if long == 0 else 0
        return ways(left - 1, long) + ways(left - 2, long - 1)

    return ways(planks, 2)
