# entry: solve
# arguments: [400]
import unicodedata


def solve(n):
    text = "Ελλάδα straße 日本語 🙂 café" * n
    folded = unicodedata.normalize("NFD", text.casefold())
    return len(text), len(folded), sum(map(unicodedata.combining, folded)), text[-4:]
