# entry: solve
# arguments: [250]
import re


def solve(n):
    text = "call 555-1234 or mail jane.doe@example.org, ref #A12-99; " * n
    phones = re.findall(r"\b\d{3}-\d{4}\b", text)
    masked, count = re.subn(r"([\w.]+)@(\w+)\.org", r"<\1 at \2>", text)
    parts = re.split(r"[;,]\s*", masked)
    return len(phones), count, parts[:2], bool(re.fullmatch(r"(a|b)*c", "ab" * 50 + "c"))
