# own — raises something that is no Exception
# entry: f
# arguments: []
# expect: guest_error KeyboardInterrupt
def f():
    raise KeyboardInterrupt('now')
