# own — source that does not parse names the line
# entry: f
# arguments: []
# expect: guest_error SyntaxError
def f(:
    return 1
