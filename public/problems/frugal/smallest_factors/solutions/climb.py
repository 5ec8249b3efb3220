def smallest_factors(limit):
    total = 0
    for number in range(2, limit + 1):
        factor = 2
        while number % factor:
            factor += 1
        total += factor
    return total
