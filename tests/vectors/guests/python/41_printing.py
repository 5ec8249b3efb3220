# entry: solve
# arguments: [1500]
def solve(n):
    for i in range(n):
        print(i, i * i, sep=":", end=" " if i % 10 else "\n")
    print("é", [1.5, None], {"k": (1,)})
