def crossed_cables(landings):
    crossings = 0
    for later in range(len(landings)):
        for earlier in range(later):
            if landings[earlier] > landings[later]:
                crossings += 1
    return crossings
