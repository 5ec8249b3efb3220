def nested_boxes(text, boxes=0):
    burden = place = 0
    while place < len(text):
        if text[place] != "(":
            burden += boxes * int(text[place])
            place += 1
            continue
        first = place + 1
        open_boxes = 1
        while open_boxes:
            place += 1
            if text[place] == "(":
                open_boxes += 1
            elif text[place] == ")":
                open_boxes -= 1
        burden += nested_boxes(text[first:place], boxes + 1)
        place += 1
    return burden
