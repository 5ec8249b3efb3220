def crate_loads(weights):
    reached = 1
    for weight in weights:
        reached |= reached << weight
    return reached.bit_count()
