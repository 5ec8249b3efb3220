def dice_bags(first, second):
    totals = [0] * (len(first) + len(second) - 1)
    for face in range(len(first)):
        for other in range(len(second)):
            totals[face + other] += first[face] * second[other]
    return totals
