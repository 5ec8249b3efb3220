    return len(values) - len(set(values))
