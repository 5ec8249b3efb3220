

def __frugal_generate(size, seeds):
    """One argument tuple for each seed."""
    from random import Random

    inputs = []
    for seed in seeds:
        arguments = generate(size, Random(seed))
        if type(arguments) is not tuple:
            raise TypeError("generate must return the tuple of arguments, not " + type(arguments).__name__)
        inputs.append(arguments)
    return inputs


def __frugal_contract(inputs):
    """For each argument tuple: True, False, or the name of what the contract raised."""
    return [__frugal_verdict(contract, arguments) for arguments in inputs]


def __frugal_check(cases):
    """For each (arguments, answer, output): True, False, or the name of what the checker raised."""
    judge = globals().get("check", __frugal_equal)
    return [__frugal_verdict(judge, case) for case in cases]


def __frugal_equal(arguments, answer, output):
    return type(output) is type(answer) and output == answer


def __frugal_verdict(function, arguments):
    try:
        return bool(function(*arguments))
    except Exception as error:
        return type(error).__name__
