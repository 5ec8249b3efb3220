    return left + right
