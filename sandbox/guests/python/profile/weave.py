"""Weaves marks into a program, so that its fuel can be told apart by function and line.

Before each statement stands a call of a small function that tells the host, by the fuel it burns between two marks,
which place begins. The host's side is `sandbox/fuel/src/profile.rs`; `run.py` beside this file makes the functions.

Each of them is a constant of the woven code: it needs no name, so that the program's names, its scopes and the
instructions that specialise on them stay what they are. What is not a statement of its own belongs to the
statement it stands in: comprehensions, generator expressions, conditions of `match`, text run by `exec`.
"""

import ast
import types

MARKER = "\0frugal "
"""Begins the constants that `run.py` replaces."""
SAID = {"at": 0, "enter": 1, "leave": 2, "pause": 2, "pass": 2, "resume": 3}
"""What a site says, in the host's numbering."""
BEGIN, END = 4, 5
"""What `run.py` says before and after the program."""


def site(kind, number, arguments=()):
    """A call of a constant. `number` is a function's for enter, leave, pause and pass, else a place's."""
    return ast.Call(ast.Constant(MARKER + kind + " " + str(number)), list(arguments), [])


class Weaver:
    """What is known of one program while it is woven."""

    def __init__(self):
        self.functions = []  # (name, line)
        self.places = []  # (function, line, depth of loops)
        self._path = []
        self._depths = []

    # --- places ---

    def place(self, line):
        """A new place in the function at hand."""
        self.places.append((self._path[-1][0], line, self._depths[-1]))
        return len(self.places) - 1

    def at(self, line):
        """The statement that says that `line` begins."""
        return self._statement("at", self.place(line), line)

    def _statement(self, kind, number, line):
        return locate(ast.Expr(site(kind, number)), line)

    # --- functions ---

    def open(self, name, line, local=True):
        parent = self._path[-1][1] if self._path else ""
        qualified = parent + name
        self.functions.append((qualified, line))
        number = len(self.functions) - 1
        self._path.append((number, qualified + (".<locals>." if local else ".")))
        self._depths.append(0)
        return number

    def close(self):
        self._path.pop()
        self._depths.pop()

    def program(self, tree):
        number = self.open("<module>", 1)
        self._path[-1] = (number, "")
        start = len(tree.body) and docstring_or_future(tree.body)
        tree.body[start:] = self.wrap(number, self.block(tree.body[start:]), 1)
        self.close()
        return tree

    def module_of_functions(self, tree):
        """The top level of a program whose functions alone are measured."""
        self._path.append((None, ""))
        self._depths.append(0)
        tree.body = [self.outside(statement) for statement in tree.body]
        self.close()
        return tree

    def outside(self, statement):
        """A statement that runs unmeasured: only the functions in it are woven."""
        return Outside(self).visit(statement)

    def wrap(self, number, body, line):
        """The body of a function that says when it begins and, however it ends, that it has ended."""
        enter = self._statement("enter", number, line)
        leave = self._statement("leave", number, line)
        return [locate(ast.Try(body=[enter, *body], handlers=[], orelse=[], finalbody=[leave]), line)]

    def function(self, node):
        node.decorator_list = [self.expression(item) for item in node.decorator_list]
        node.args = self.expression(node.args)
        number = self.open(node.name, node.lineno)
        start = docstring_or_future(node.body)
        rest = node.body[start:] or [locate(ast.Pass(), node.lineno)]
        node.body = node.body[:start] + self.wrap(number, self.block(rest), node.lineno)
        self.close()
        return node

    def class_(self, node):
        for field in ("bases", "keywords", "decorator_list"):
            setattr(node, field, [self.expression(item) for item in getattr(node, field)])
        self._path.append((self._path[-1][0], self._path[-1][1] + node.name + "."))
        self._depths.append(self._depths[-1])
        start = docstring_or_future(node.body)
        body = node.body[start:]
        inside = self.block(body) if self._path[-1][0] is not None else [self.outside(item) for item in body]
        node.body = node.body[:start] + inside
        self.close()
        return node

    def lambda_(self, node):
        node.args = self.expression(node.args)
        if any(isinstance(item, (ast.Yield, ast.YieldFrom, ast.Await)) for item in ast.walk(node.body)):
            return node
        number = self.open("<lambda>", node.lineno)
        body = self.expression(node.body)
        self.close()
        node.body = locate(site("pass", number, [site("enter", number), body]), node.lineno)
        return node

    def expression(self, node):
        return Expressions(self).visit(node)

    # --- statements ---

    def block(self, statements):
        out = []
        for statement in statements:
            if not isinstance(statement, (ast.Pass, ast.Global, ast.Nonlocal)):
                out.append(self.at(statement.lineno))
            out.append(self.statement(statement))
        return out

    def statement(self, node):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return self.function(node)
        if isinstance(node, ast.ClassDef):
            return self.class_(node)
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            return self.loop(node)
        for field, value in list(ast.iter_fields(node)):
            if isinstance(value, ast.expr):
                setattr(node, field, self.expression(value))
            elif field in ("body", "finalbody"):
                setattr(node, field, self.block(value))
            elif field == "orelse":
                setattr(node, field, self.block(value))
            elif field in ("handlers", "cases"):
                for part in value:
                    self.statement(part)
            elif isinstance(value, list):
                setattr(node, field, [self.expression(item) if isinstance(item, ast.AST) else item for item in value])
        if isinstance(node, (ast.With, ast.AsyncWith)):
            node.body.append(self.at(node.lineno))
        return node

    def loop(self, node):
        for field in ("target", "iter", "test"):
            if hasattr(node, field):
                setattr(node, field, self.expression(getattr(node, field)))
        self._depths[-1] += 1
        again = self.place(node.lineno)
        body = self.block(node.body)
        self._depths[-1] -= 1
        Continues(self, again, node.lineno).enter(body)
        node.body = body + [self._statement("at", again, node.lineno)]
        node.orelse = self.block(node.orelse)
        return node


class Outside(ast.NodeTransformer):
    def __init__(self, weaver):
        self.weaver = weaver

    def visit_FunctionDef(self, node):
        return self.weaver.function(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        return self.weaver.class_(node)

    def visit_Lambda(self, node):
        return self.weaver.lambda_(node)


class Expressions(ast.NodeTransformer):
    """Weaves the lambdas and yields inside an expression."""

    def __init__(self, weaver):
        self.weaver = weaver

    def visit_Lambda(self, node):
        return self.weaver.lambda_(node)

    def visit_Yield(self, node):
        self.generic_visit(node)
        weaver = self.weaver
        number = weaver._path[-1][0]
        value = node.value or locate(ast.Constant(None), node.lineno)
        node.value = locate(site("pause", number, [value]), node.lineno)
        back = weaver.place(node.lineno)
        return locate(site("resume", back, [node]), node.lineno)


class Continues:
    """Puts the mark of a loop's next round before each `continue` that belongs to it."""

    def __init__(self, weaver, place, line):
        self.weaver, self.place, self.line = weaver, place, line

    def enter(self, body):
        for statement in list(body):
            if isinstance(statement, ast.Continue):
                body.insert(body.index(statement), self.weaver._statement("at", self.place, self.line))
            elif isinstance(statement, (ast.For, ast.AsyncFor, ast.While)):
                self.enter(statement.orelse)
            elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                for field in ("body", "orelse", "finalbody"):
                    self.enter(getattr(statement, field, []))
                for part in getattr(statement, "handlers", []) + getattr(statement, "cases", []):
                    self.enter(part.body)


def docstring_or_future(body):
    """How many statements must stay first."""
    count = 0
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        count = 1
    while count < len(body) and isinstance(body[count], ast.ImportFrom) and body[count].module == "__future__":
        count += 1
    return count


def locate(node, line):
    node.lineno = node.end_lineno = line
    node.col_offset = node.end_col_offset = 0
    return ast.fix_missing_locations(node)



# --- codes ------------------------------------------------------------------------------------------


def weave(source, entry, codes_max):
    """`(code, names, table, functions, lines)` of a program, or of the functions of one that has an `entry`.

    `names` are those of the sites, by their codes; `table` says for each code its kind and function, and ends with
    BEGIN and END; `lines` says its line.
    """
    weaver = Weaver()
    tree = ast.parse(source)
    tree = weaver.module_of_functions(tree) if entry else weaver.program(tree)
    code = compile(tree, "main.py", "exec", 0, True)
    names = _names(code, weaver)
    if len(names) + 2 > codes_max:
        raise ValueError("the program has " + str(len(names)) + " places; a profile tells " + str(codes_max - 2) + " apart")
    parts = [_parts(name) for name in names]
    table = [(SAID[kind], weaver.places[number][0] if _is_place(kind) else number) for kind, number in parts]
    lines = [(weaver.places if _is_place(kind) else weaver.functions)[number][1] for kind, number in parts]
    return code, names, [*table, (BEGIN, 0), (END, 0)], weaver.functions, [*lines, 1, 1]


def _parts(name):
    _, kind, number = name.split()
    return kind, int(number)


def _is_place(kind):
    return kind in ("at", "resume")


def _names(code, weaver):
    """The names of all sites, those in the innermost loops first: their codes burn least."""
    found = {}
    pending = [code]
    for code in pending:
        for constant in code.co_consts:
            if type(constant) is str and constant.startswith(MARKER):
                found.setdefault(constant)
            elif type(constant) is types.CodeType:
                pending.append(constant)

    def depth(name):
        kind, number = _parts(name)
        return weaver.places[number][2] if _is_place(kind) else 1

    return sorted(found, key=depth, reverse=True)
