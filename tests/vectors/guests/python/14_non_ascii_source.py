# entry: solve
# arguments: [3000]
def größe(wörter):
    # Die Länge zählt Zeichen, nicht Bytes: 長さ
    return {"ä": len(wörter), "最長": max(wörter, key=len)}


def solve(n):
    π = 3.14159
    return größe(["é" * (i % 9) for i in range(n)]), round(π * n, 3)
