# entry: solve
# arguments: [20000]
def solve(n):
    text = ""
    for i in range(n):
        text += chr(97 + i % 26)
    return len(text), text[-5:], text.count("abc")
