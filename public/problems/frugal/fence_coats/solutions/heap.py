from heapq import heappop, heappush


def fence_coats(boards, coats):
    begin = sorted([(first, -coat, last) for coat, (first, last) in enumerate(coats)])
    begin.reverse()
    seen = [0] * len(coats)
    heap = []
    for board in range(boards):
        while begin and begin[-1][0] == board:
            _, coat, last = begin.pop()
            heappush(heap, (coat, last))
        while heap and heap[0][1] <= board:
            heappop(heap)
        if heap:
            seen[-heap[0][0]] += 1
    return seen
