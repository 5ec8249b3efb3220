def dice_bags(first, second):
    def pack(counts):
        return int.from_bytes(b"".join([count.to_bytes(4, "little") for count in counts]), "little")

    totals = len(first) + len(second) - 1
    product = (pack(first) * pack(second)).to_bytes(4 * totals + 8, "little")
    return [int.from_bytes(product[4 * total : 4 * total + 4], "little") for total in range(totals)]
