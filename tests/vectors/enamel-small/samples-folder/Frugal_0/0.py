    seen = set()
    for value in values:
        if target - value in seen:
            return True
        seen.add(value)
    return False
