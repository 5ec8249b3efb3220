def badge_list(scans):
    return list(dict.fromkeys(scans))
