# entry: solve
# arguments: [9000]
def solve(n):
    gray = parity = 0
    for i in range(n):
        code = i ^ i >> 1
        gray += code.bit_count()
        parity ^= code << (i & 15)
    return gray, parity, bin(parity).count("1"), int.from_bytes((n).to_bytes(4, "big"), "little")
