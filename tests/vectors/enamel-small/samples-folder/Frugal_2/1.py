def longest_run(text: str) -> int:
    """Return the length of the longest stretch of one repeated character in text.
    >>> longest_run("abbbcc")
    3
    >>> longest_run("")
    0
    """
    best = 0
    for start in range(len(text)):
        end = start
        while end < len(text) and text[end] == text[start]:
            end += 1
        best = max(best, end - start)
    return best
