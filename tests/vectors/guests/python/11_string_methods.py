# entry: solve
# arguments: [1500]
def solve(n):
    words = [f"Word{i}-{i * i}" for i in range(n)]
    text = " ".join(words).replace("Word", "w").upper()
    parts = [part.strip("W").split("-") for part in text.split()]
    return len(text), parts[7], text.title()[:20], text.find("W999-")
