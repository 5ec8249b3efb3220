# entry: solve
# arguments: [500]
import json


def solve(n):
    document = {"items": [{"id": i, "name": f"ñ{i}", "ok": i % 2 == 0, "x": i / 7} for i in range(n)], "none": None}
    text = json.dumps(document, sort_keys=True)
    again = json.loads(text)
    return again == document, len(text), json.dumps(again["items"][3], ensure_ascii=False, indent=1)
