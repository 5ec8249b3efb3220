def label_band(labels):
    band = labels[0]
    for label in labels[1:]:
        band = label + "-" + band
    return band
