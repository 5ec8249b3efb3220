def moss_days(days):
    now, after = 0, 1
    for bit in bin(days + 2)[2:]:
        now, after = now * (2 * after - now), now * now + after * after
        if bit == "1":
            now, after = after, now + after
        now %= 1000007
        after %= 1000007
    return (now - 1) % 1000007
