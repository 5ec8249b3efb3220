    return sorted(set(values))
