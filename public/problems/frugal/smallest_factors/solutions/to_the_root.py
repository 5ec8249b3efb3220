def smallest_factors(limit):
    total = 0
    for number in range(2, limit + 1):
        factor = 2
        while factor * factor <= number and number % factor:
            factor += 1
        total += factor if factor * factor <= number else number
    return total
