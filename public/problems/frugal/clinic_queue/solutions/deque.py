from collections import deque


def clinic_queue(visits):
    left = list(visits)
    queue = deque(range(len(visits)))
    order = []
    while queue:
        patient = queue.popleft()
        left[patient] -= 1
        if left[patient]:
            queue.append(patient)
        else:
            order.append(patient)
    return order
