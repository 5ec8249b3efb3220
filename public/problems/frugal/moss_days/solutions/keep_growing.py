def moss_days(days):
    total = 0
    young, old = 1, 0
    for _ in range(days):
        total += young + old
        young, old = old, (old + young) % 1000007
    return total % 1000007
