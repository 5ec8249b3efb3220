def clinic_queue(visits):
    left = list(visits)
    queue = list(range(len(visits)))
    order = []
    while queue:
        patient = queue[0]
        for place in range(1, len(queue)):
            queue[place - 1] = queue[place]
        left[patient] -= 1
        if left[patient]:
            queue[-1] = patient
        else:
            queue.pop()
            order.append(patient)
    return order
