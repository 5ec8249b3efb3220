import random as __random


def __frugal_generate(seed):
    """The text for standard input that the generator above makes."""
    __random.seed(seed)
    text = generate_input()
    if type(text) is not str:
        raise TypeError("generate_input must return a text, not " + type(text).__name__)
    return text
