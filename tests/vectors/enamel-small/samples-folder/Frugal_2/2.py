    return max(text.count(character) for character in set(text)) if text else 0
