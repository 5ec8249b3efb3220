

def __frugal_generate(size, level, seeds):
    """The inputs of one level: one argument tuple per seed."""
    inputs = []
    for case, seed in enumerate(seeds):
        random.seed(seed)
        inputs.append(tuple(generate_input(size, level, case)))
    return inputs
