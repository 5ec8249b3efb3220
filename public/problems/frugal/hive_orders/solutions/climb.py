def hive_orders(leaders):
    heeded = [0] * len(leaders)
    for bee in range(len(leaders)):
        above = leaders[bee]
        while above >= 0:
            heeded[above] += 1
            above = leaders[above]
    return heeded
