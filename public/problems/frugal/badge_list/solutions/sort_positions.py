def badge_list(scans):
    marked = sorted([(code, position) for position, code in enumerate(scans)])
    firsts = []
    last = None
    for code, position in marked:
        if code != last:
            firsts.append((position, code))
            last = code
    return [code for position, code in sorted(firsts)]
