# bad-input: 39 — no sockets, no names
# entry: f
# arguments: []
# expect: finished
# value: 'absent'
def f():
    try:
        import socket
        socket.create_connection(('localhost', 80))
    except Exception:
        return 'absent'
    return 'connected'
