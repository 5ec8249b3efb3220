def menu_median(starters, mains):
    counts = [0] * (max(starters) + max(mains) + 1)
    for starter in starters:
        for main in mains:
            counts[starter + main] += 1
    left = len(starters) * len(mains) // 2
    price = 0
    while left >= counts[price]:
        left -= counts[price]
        price += 1
    return price
