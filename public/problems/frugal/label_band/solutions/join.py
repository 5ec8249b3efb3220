def label_band(labels):
    return "-".join(reversed(labels))
