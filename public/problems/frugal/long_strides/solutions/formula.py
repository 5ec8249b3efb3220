def long_strides(planks):
    strides = planks - 2
    return strides * (strides - 1) // 2
