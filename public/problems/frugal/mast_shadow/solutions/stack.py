def mast_shadow(heights):
    total = 0
    stack = []
    for mast, height in enumerate(heights):
        while stack and heights[stack[-1]] <= height:
            stack.pop()
        if stack:
            total += mast - stack[-1]
        stack.append(mast)
    return total
