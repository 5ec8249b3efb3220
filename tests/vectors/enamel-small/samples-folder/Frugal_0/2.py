    return target / 2 in values
