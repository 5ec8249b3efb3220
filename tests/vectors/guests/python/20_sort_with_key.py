# entry: solve
# arguments: [2000]
def solve(n):
    records = [(i * 7919 % 1009, f"name{i % 37}", i) for i in range(n)]
    records.sort(key=lambda record: (record[1], -record[0]))
    return records[:3], sorted(records, reverse=True)[0]
