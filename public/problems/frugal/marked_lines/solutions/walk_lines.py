from math import isqrt


def marked_lines(text, marks):
    stride = 2 * isqrt(len(text)) + 1
    noted = [1]
    for place in range(0, len(text), stride):
        noted.append(noted[-1] + text.count("\n", place, place + stride))
    total = 0
    for mark in marks:
        line = noted[mark // stride]
        for place in range(mark - mark % stride, mark):
            if text[place] == "\n":
                line += 1
        total += line
    return total
