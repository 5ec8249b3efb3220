def lamp_twins(periods):
    twins = 0
    for later in range(len(periods)):
        for earlier in range(later):
            if periods[earlier] == periods[later]:
                twins += 1
    return twins
