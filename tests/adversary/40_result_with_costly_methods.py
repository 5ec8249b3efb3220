# bad-input: 40 — moves its work into the methods that an encoder might call on the result
# entry: f
# arguments: []
# expect: finished
# value: <f.<locals>.Lazy object>
# note: none of them is called: values that are no exact builtins are opaque
def f():
    def work(*arguments):
        while True:
            pass

    names = "__iter__ __len__ __repr__ __str__ __getitem__ __bool__ __hash__ __eq__ __class_getitem__ __del__".split()
    kind = type("Lazy", (list,), dict.fromkeys(names, work))
    kind.__qualname__ = "f.<locals>.Lazy"
    return kind()
