    return [sum(values[:end]) for end in range(len(values))]
