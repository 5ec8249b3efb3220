    return sorted(words)[len(words) // 2]
