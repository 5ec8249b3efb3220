    return list(dict.fromkeys(values))
