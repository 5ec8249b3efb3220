def hive_orders(leaders):
    heeded = [0] * len(leaders)
    for bee in range(len(leaders) - 1, 0, -1):
        heeded[leaders[bee]] += heeded[bee] + 1
    return heeded
