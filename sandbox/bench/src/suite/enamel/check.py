

def __frugal_check(cases):
    """For each (input, answer, output): True, False, or the name of what the checker raised."""
    verdicts = []
    for case_input, answer, output in cases:
        try:
            verdicts.append(bool(__check(case_input, answer, output)))
        except Exception as error:
            verdicts.append(type(error).__name__)
    return verdicts
