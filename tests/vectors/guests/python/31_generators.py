# entry: solve
# arguments: [6000]
def numbers(n):
    for i in range(n):
        received = yield i
        if received:
            yield received


def pairs(source):
    yield from zip(source, source)


def solve(n):
    first = sum(a * b for a, b in pairs(iter(numbers(n))))
    generator = numbers(10)
    next(generator)
    return first, generator.send(99), list(generator)
