def shared_melody(first, second):
    steps, links, lengths = [{}], [-1], [0]
    last = 0
    for note in first:
        state = len(steps)
        steps.append({})
        links.append(0)
        lengths.append(lengths[last] + 1)
        while last >= 0 and note not in steps[last]:
            steps[last][note] = state
            last = links[last]
        if last >= 0:
            target = steps[last][note]
            if lengths[target] > lengths[last] + 1:
                copy = len(steps)
                steps.append(dict(steps[target]))
                links.append(links[target])
                lengths.append(lengths[last] + 1)
                links[target] = copy
                while last >= 0 and steps[last].get(note) == target:
                    steps[last][note] = copy
                    last = links[last]
                target = copy
            links[state] = target
        last = state
    longest = length = state = 0
    for note in second:
        while state and note not in steps[state]:
            state = links[state]
            length = lengths[state]
        if note in steps[state]:
            state = steps[state][note]
            length += 1
        longest = max(longest, length)
    return longest
