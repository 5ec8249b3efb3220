    best = run = 0
    last = None
    for character in text:
        run = run + 1 if character == last else 1
        last = character
        if run > best:
            best = run
    return best
