def ruler_gaps(marks):
    found = []
    for later in range(len(marks)):
        for earlier in range(later):
            distance = marks[later] - marks[earlier]
            if distance not in found:
                found.append(distance)
    return len(found)
