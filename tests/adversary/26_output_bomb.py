# bad-input: 26 — prints without end
# limits: output_bytes=1000000 fuel=20000000000
# expect: output_too_large
while True:
    print('x' * 10000)
