def calm_stretch(levels, spread):
    longest = 0
    for first in range(len(levels)):
        low = high = levels[first]
        for last in range(first, len(levels)):
            level = levels[last]
            if level < low:
                low = level
            if level > high:
                high = level
            if high - low <= spread and last - first >= longest:
                longest = last - first + 1
    return longest
