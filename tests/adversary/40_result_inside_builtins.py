# bad-input: 40 — hides costly objects inside builtin containers
# entry: f
# arguments: []
# expect: finished
# value: [(<Lazy object>, 1), {'a': <Lazy object>}]
class Lazy:
    def __repr__(self):
        while True:
            pass

    __str__ = __iter__ = __len__ = __repr__


def f():
    return [(Lazy(), 1), {"a": Lazy()}]
