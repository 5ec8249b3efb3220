def menu_median(starters, mains):
    starters, mains = sorted(starters), sorted(mains)
    low, high = starters[0] + mains[0], starters[-1] + mains[-1]
    while low < high:
        price = (low + high) // 2
        menus = 0
        main = len(mains)
        for starter in starters:
            while main and starter + mains[main - 1] > price:
                main -= 1
            menus += main
        if menus > len(starters) * len(mains) // 2:
            high = price
        else:
            low = price + 1
    return low
