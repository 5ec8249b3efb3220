def assembly_days(needs):
    size = len(needs)
    table = [[other in parts for other in range(size)] for parts in needs]
    done = [False] * size
    days = 0
    while not all(done):
        ready = []
        for part in range(size):
            missing = 0
            for other in range(size):
                if table[part][other] and not done[other]:
                    missing += 1
            if not missing:
                ready.append(part)
        for part in ready:
            done[part] = True
        days += 1
    return days
