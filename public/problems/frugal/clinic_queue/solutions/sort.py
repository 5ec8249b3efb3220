def clinic_queue(visits):
    return sorted(range(len(visits)), key=visits.__getitem__)
