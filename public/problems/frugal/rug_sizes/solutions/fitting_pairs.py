def rug_sizes(wool):
    rugs = 0
    for length in range(1, wool + 1):
        width = 1
        while length * width <= wool:
            rugs += 1
            width += 1
    return rugs
