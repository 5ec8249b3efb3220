def moss_days(days):
    total = 0
    for day in range(1, days + 1):
        young, old = 1, 0
        for _ in range(day - 1):
            young, old = old, (old + young) % 1000007
        total += young + old
    return total % 1000007
