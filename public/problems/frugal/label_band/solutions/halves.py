def label_band(labels):
    def band(first, last):
        if last - first == 1:
            return labels[first]
        middle = (first + last) // 2
        return band(middle, last) + "-" + band(first, middle)

    return band(0, len(labels))
