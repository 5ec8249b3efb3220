def marked_lines(text, marks):
    total = 0
    for mark in marks:
        line = 1
        for place in range(mark):
            if text[place] == "\n":
                line += 1
        total += line
    return total
