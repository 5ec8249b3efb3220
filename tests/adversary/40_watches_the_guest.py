# bad-input: 40 — has the interpreter call it back from the guest's own code after the call
# entry: f
# arguments: []
# expect: out_of_fuel
# note: tracing, profiling and monitoring end before the result is encoded; until then they spend what returning may
import sys


def work(*arguments):
    if any(type(item) is type(work.__code__) and item.co_name in ("_result", "encode", "tag") for item in arguments):
        while True:
            pass


def profile(frame, event, argument):
    work(frame.f_code)
    return profile


def f():
    monitoring = sys.monitoring
    for tool in range(6):
        monitoring.use_tool_id(tool, "work")
        for event in (monitoring.events.PY_START, monitoring.events.PY_RETURN):
            monitoring.register_callback(tool, event, work)
            monitoring.set_events(tool, event)
    sys.settrace(profile)
    sys.setprofile(profile)
    return 1
