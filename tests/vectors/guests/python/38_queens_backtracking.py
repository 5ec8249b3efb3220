# entry: solve
# arguments: [6]
def solve(n):
    solutions = []

    def place(row, columns, rising, falling, board):
        if row == n:
            solutions.append(tuple(board))
            return
        for column in range(n):
            if column in columns or row + column in rising or row - column in falling:
                continue
            place(row + 1, columns | {column}, rising | {row + column}, falling | {row - column}, board + [column])

    place(0, set(), set(), set(), [])
    return solutions
