def harbour_peak(stays):
    peak = 0
    for moment, _ in stays:
        ships = 0
        for arrival, departure in stays:
            if arrival <= moment < departure:
                ships += 1
        peak = max(peak, ships)
    return peak
