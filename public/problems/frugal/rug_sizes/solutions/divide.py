def rug_sizes(wool):
    rugs = 0
    for length in range(1, wool + 1):
        rugs += wool // length
    return rugs
