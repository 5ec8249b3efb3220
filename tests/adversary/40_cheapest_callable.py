# bad-input: 40 — a callable cheaper than any Python function
# entry: f
# arguments: []
# expect: finished
# value: 0
# fuel_min: 1
# repeat: equal
f = int
