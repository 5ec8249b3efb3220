def badge_list(scans):
    badges = []
    for code in scans:
        if code not in badges:
            badges.append(code)
    return badges
