def nested_boxes(text):
    burden = 0
    for place in range(len(text)):
        if text[place] in "()":
            continue
        boxes = 0
        for before in range(place):
            if text[before] == "(":
                boxes += 1
            elif text[before] == ")":
                boxes -= 1
        burden += boxes * int(text[place])
    return burden
