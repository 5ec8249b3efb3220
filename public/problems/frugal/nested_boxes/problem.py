def generate(n, random):
    depth = max(1, int(n**0.5))
    text = ""
    while len(text) < n:
        inside = [str(random.randrange(10)) for _ in range(depth // 2 + 1)]
        text += "(" * depth + "".join(inside) + ")" * depth
    return (text,)


def contract(text):
    open_boxes = 0
    for character in text:
        open_boxes += {"(": 1, ")": -1}.get(character, 0)
        if open_boxes < 0 or character not in "()0123456789":
            return False
    return open_boxes == 0
