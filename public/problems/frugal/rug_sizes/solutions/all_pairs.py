def rug_sizes(wool):
    rugs = 0
    for length in range(1, wool + 1):
        for width in range(1, wool + 1):
            if length * width <= wool:
                rugs += 1
    return rugs
