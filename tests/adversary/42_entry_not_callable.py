# own — the entry is not a function
# entry: f
# arguments: []
# expect: guest_error TypeError
f = 3
