# entry: solve
# arguments: [4000]
def solve(n):
    table = {}
    for i in range(n):
        table["key" + str(i % 700)] = i
    return {key: table[key] for key in sorted(table)[:5]}
