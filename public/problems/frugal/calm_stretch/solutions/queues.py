from collections import deque


def calm_stretch(levels, spread):
    highs, lows = deque(), deque()
    first = longest = 0
    for last, level in enumerate(levels):
        while highs and levels[highs[-1]] <= level:
            highs.pop()
        highs.append(last)
        while lows and levels[lows[-1]] >= level:
            lows.pop()
        lows.append(last)
        while levels[highs[0]] - levels[lows[0]] > spread:
            first += 1
            if highs[0] < first:
                highs.popleft()
            if lows[0] < first:
                lows.popleft()
        if last - first >= longest:
            longest = last - first + 1
    return longest
