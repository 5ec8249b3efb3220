def calm_stretch(levels, spread):
    longest = 0
    for first in range(len(levels)):
        for last in range(first, len(levels)):
            stretch = levels[first : last + 1]
            if max(stretch) - min(stretch) <= spread:
                longest = max(longest, len(stretch))
    return longest
