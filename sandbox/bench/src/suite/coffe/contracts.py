

def __frugal_contracts(contracts, cases, entry):
    """For each tuple of arguments True, or a pair: number of the first contract that it breaks, and how."""
    from copy import deepcopy

    function = globals()[entry]
    code = getattr(function, "__wrapped__", function).__code__
    defaults = getattr(function, "__wrapped__", function).__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    rest = None
    if code.co_flags & 4:
        rest = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
    known = set(names) | ({rest} if rest else set())
    compiled = [__frugal_contract(number, text, known, entry) for number, text in enumerate(contracts)]

    def verdict(arguments):
        for number, contract in enumerate(compiled):
            # One dict for both scopes: a comprehension sees no local names of exec. A copy, since a contract may write.
            scope = dict(globals())
            if defaults:
                scope.update(zip(names[-len(defaults) :], defaults))
            scope.update(zip(names, deepcopy(arguments)))
            if rest:
                scope[rest] = deepcopy(arguments[len(names) :])
            try:
                exec(contract, scope)
            except AssertionError:
                return number, "AssertionError"
            except BaseException as error:
                return number, type(error).__name__
        return True

    return [verdict(arguments) for arguments in cases]


def __frugal_contract(number, text, known, entry):
    """A compiled contract; an error says why the text is none."""
    only_tree = 1024
    try:
        tree = compile(text, "contract", "exec", only_tree)
        body, names = tree.body, set()
        __frugal_names(tree, names)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError("contract %d is not Python: %s" % (number, error)) from None
    if len(body) != 1 or type(body[0]).__name__ != "Assert":
        raise ValueError("contract %d is not exactly one assert statement" % number)
    if not names & known:
        raise ValueError("contract %d says nothing of the arguments" % number)
    if entry in names:
        raise ValueError("contract %d calls the function itself" % number)
    return compile(text, "contract", "exec")


def __frugal_names(node, names):
    """Adds every name that a syntax tree reads or writes."""
    if type(node).__name__ == "Name":
        names.add(node.id)
    for field in getattr(node, "_fields", ()):
        value = getattr(node, field, None)
        for child in value if isinstance(value, list) else [value]:
            if hasattr(child, "_fields"):
                __frugal_names(child, names)
