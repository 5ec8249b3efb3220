# own — the entry asked for is not defined
# entry: g
# arguments: []
# expect: guest_error NameError
def f():
    return 1
