def hive_orders(leaders):
    heeded = []
    for leader in range(len(leaders)):
        count = 0
        for bee in range(len(leaders)):
            above = leaders[bee]
            while above >= 0 and above != leader:
                above = leaders[above]
            if above == leader:
                count += 1
        heeded.append(count)
    return heeded
