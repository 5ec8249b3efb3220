def shared_melody(first, second):
    longest = 0
    for place in range(len(first)):
        for other in range(len(second)):
            length = 0
            while (
                place + length < len(first)
                and other + length < len(second)
                and first[place + length] == second[other + length]
            ):
                length += 1
            longest = max(longest, length)
    return longest
