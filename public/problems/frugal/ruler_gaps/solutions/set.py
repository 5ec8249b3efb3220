def ruler_gaps(marks):
    found = set()
    for later in range(len(marks)):
        for earlier in range(later):
            found.add(marks[later] - marks[earlier])
    return len(found)
