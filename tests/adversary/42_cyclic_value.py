# own — a value that holds itself cannot be written down
# entry: f
# arguments: []
# expect: guest_error ValueError | guest_error RecursionError
def f():
    x = []
    x.append(x)
    return x
