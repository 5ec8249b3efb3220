from bisect import bisect_left


def rising_deliveries(weights):
    tails = []
    for weight in weights:
        place = bisect_left(tails, weight)
        if place == len(tails):
            tails.append(weight)
        else:
            tails[place] = weight
    return len(tails)
