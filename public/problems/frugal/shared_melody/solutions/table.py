def shared_melody(first, second):
    longest = 0
    above = [0] * (len(second) + 1)
    for note in first:
        runs = [0]
        for other in range(len(second)):
            length = above[other] + 1 if note == second[other] else 0
            runs.append(length)
            if length > longest:
                longest = length
        above = runs
    return longest
