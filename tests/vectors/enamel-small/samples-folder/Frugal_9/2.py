    return (sum(values) / len(values)) ** 2
