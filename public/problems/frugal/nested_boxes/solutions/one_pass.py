def nested_boxes(text):
    burden = boxes = 0
    for character in text:
        if character == "(":
            boxes += 1
        elif character == ")":
            boxes -= 1
        else:
            burden += boxes * int(character)
    return burden
