def lamp_twins(periods):
    counts = {}
    twins = 0
    for period in periods:
        seen = counts.get(period, 0)
        twins += seen
        counts[period] = seen + 1
    return twins
