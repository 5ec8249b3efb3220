def assembly_days(needs):
    done = [False] * len(needs)
    left = list(range(len(needs)))
    days = 0
    while left:
        ready, waiting = [], []
        for part in left:
            for other in needs[part]:
                if not done[other]:
                    waiting.append(part)
                    break
            else:
                ready.append(part)
        for part in ready:
            done[part] = True
        left = waiting
        days += 1
    return days
