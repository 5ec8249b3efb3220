def assembly_days(needs):
    users = [[] for _ in needs]
    missing = []
    for part, parts in enumerate(needs):
        missing.append(len(parts))
        for other in parts:
            users[other].append(part)
    ready = [part for part, count in enumerate(missing) if count == 0]
    days = 0
    while ready:
        days += 1
        following = []
        for part in ready:
            for user in users[part]:
                missing[user] -= 1
                if missing[user] == 0:
                    following.append(user)
        ready = following
    return days
