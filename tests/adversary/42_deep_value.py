# own — a value nested 100,000 deep
# entry: f
# arguments: []
# expect: guest_error ValueError | guest_error RecursionError | out_of_fuel
def f():
    x = []
    for _ in range(100000):
        x = [x]
    return x
