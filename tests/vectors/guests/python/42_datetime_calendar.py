# entry: solve
# arguments: [400]
from calendar import monthrange
from datetime import date, datetime, timedelta


def solve(n):
    day = date(2000, 1, 1)
    weekend = 0
    for _ in range(n):
        day += timedelta(days=1)
        weekend += day.weekday() >= 5
    stamp = datetime.strptime("2024-02-29 12:30", "%Y-%m-%d %H:%M")
    return weekend, day.isoformat(), tuple(map(int, monthrange(2024, 2))), stamp.strftime("%d/%m/%y"), (stamp - datetime(2000, 1, 1)).days
