# entry: solve
# arguments: [900]
def solve(n):
    product = 1
    for i in range(2, n + 1):
        product *= i
    return product % 1000003, product.bit_length(), sum(divmod(product, 10**50)) % 97
