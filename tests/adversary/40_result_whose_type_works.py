# bad-input: 40 — a metaclass works when the name of the result's type is asked for
# entry: f
# arguments: []
# expect: finished
# value: <Lazy object>
class Meta(type):
    def __getattribute__(self, name):
        while True:
            pass

    __repr__ = __str__ = __instancecheck__ = __getattribute__


class Lazy(metaclass=Meta):
    pass


def f():
    return Lazy()
