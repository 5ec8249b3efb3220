# entry: solve
# arguments: []
# Each line reaches a part of the library that is imported late, inside a function or from C. What fails is returned.
import argparse, ast, asyncio, base64, calendar, codecs, collections, colorsys, concurrent.futures, configparser, copy, csv
import dataclasses, datetime, decimal, difflib, dis, doctest, enum, fractions, functools, getopt, graphlib, gzip, hashlib
import hmac, html, inspect, io, ipaddress, json, locale, logging, optparse, pathlib, pickle, pickletools, platform, pprint
import random, re, reprlib, sched, secrets, shlex, statistics, string, string.templatelib, struct, symtable, textwrap, time
import timeit, tokenize, tomllib, traceback, types, typing, unicodedata, unittest, unittest.mock, uuid, warnings, zlib
import xml.etree.ElementTree as etree
import zoneinfo


@dataclasses.dataclass(order=True)
class Point:
    x: "int"
    y: float = 0.5


class Color(enum.Flag):
    RED = enum.auto()
    BLUE = enum.auto()


def raised(kind, work):
    try:
        work()
    except kind as error:
        return len("".join(traceback.format_exception(error)))
    raise AssertionError("nothing raised")


async def waits():
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        tasks = [group.create_task(asyncio.sleep(n, n)) for n in range(3)]
    return sum(task.result() for task in tasks)


class AsyncCase(unittest.IsolatedAsyncioTestCase):
    async def test_sleep(self):
        await asyncio.sleep(0)


def run_tests():
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(AsyncCase)
    result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    assert result.wasSuccessful() and result.testsRun == 1, result.errors


def parse(arguments):
    parser = argparse.ArgumentParser(prog="p")
    parser.add_argument("--size", type=int, choices=[1, 2])
    parser.format_help()
    return parser.parse_args(arguments)


def logs():
    stream = io.StringIO()
    logger = logging.getLogger("x")
    logger.addHandler(logging.StreamHandler(stream))
    logger.error("%s", 1, exc_info=ValueError("no"))
    return stream.getvalue()


def warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.warn("w")


def mocks():
    with unittest.mock.patch.object(Point, "y", 3):
        return unittest.mock.MagicMock(return_value=1)()


VALUES = [
    datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc), decimal.Decimal("1.5"), fractions.Fraction(1, 3),
    collections.Counter("abca"), collections.OrderedDict(a=1), collections.deque([1]), Point(1), Color.RED | Color.BLUE,
    re.compile("a+"), uuid.uuid5(uuid.NAMESPACE_DNS, "a"), pathlib.PurePosixPath("/a"), range(3), types.SimpleNamespace(a=1),
    ipaddress.ip_network("10.0.0.0/30"), functools.partial(int, base=2), complex(1, 2), 10**4000, frozenset("a"), ValueError(1),
]
CODECS = """ascii latin_1 utf_7 utf_8 utf_8_sig utf_16 utf_32 cp437 cp1250 cp1251 cp1252 iso8859_2 iso8859_15 koi8_r
mac_roman idna punycode unicode_escape raw_unicode_escape""".split()
CHECKS = {
    "strptime": lambda: datetime.datetime.strptime("2024-02-29 Thu", "%Y-%m-%d %a"),
    "time.strptime": lambda: time.strptime("Feb 29 2024", "%b %d %Y"),
    "strftime": lambda: time.strftime("%c") + datetime.date(2024, 1, 1).strftime("%A %j"),
    "isoformat": lambda: datetime.datetime.fromisoformat("2024-01-01T00:00:00+01:00").astimezone(datetime.timezone.utc),
    "re": lambda: re.sub(r"(?i)\bÄ(?P<n>\d+)(?=x)", r"\g<n>", "ä12x") + re.escape("a.b"),
    "re error": lambda: raised(re.PatternError, lambda: re.compile("(")),
    "statistics": lambda: (statistics.quantiles(range(9)), statistics.NormalDist(0, 1).inv_cdf(0.9), statistics.median([1, 2]),
                           statistics.linear_regression([1, 2, 3], [2, 4, 7]), statistics.kde([1.0, 2.0], h=1)(1)),
    "random": lambda: (random.sample(range(99), 5), random.choices("ab", k=3), random.gauss(0, 1), random.Random(1).shuffle([1, 2])),
    "json": lambda: (json.dumps({"a": [1.5, None]}, indent=1, sort_keys=True), raised(json.JSONDecodeError, lambda: json.loads("{"))),
    "fractions": lambda: (fractions.Fraction("0.125"), fractions.Fraction(0.5), f"{fractions.Fraction(1, 3):.3f}", hash(fractions.Fraction(1, 3))),
    "decimal": lambda: (decimal.Decimal(2).sqrt(), decimal.Decimal("1e400") * 3, round(decimal.Decimal("2.675"), 2), f"{decimal.Decimal(3):n}"),
    "textwrap": lambda: textwrap.fill(textwrap.dedent("  a b"), 3) + textwrap.shorten("a b c d e f", 9),
    "string": lambda: string.Formatter().format("{0!r:>5}", 1) + string.Template("$a").substitute(a=1) + string.capwords("a b"),
    "templatelib": lambda: [part for part in t"{1 + 1:>3} a"][0].value + len(pickle.dumps(string.templatelib.Interpolation(1))),
    "pickle": lambda: [pickle.loads(pickle.dumps(value, level)) for value in VALUES for level in range(6)],
    "pickletools": lambda: pickletools.dis(pickle.dumps([1]), io.StringIO()),
    "copy": lambda: copy.deepcopy(VALUES) + [copy.replace(Point(1), x=2)],
    "pprint": lambda: pprint.pformat(VALUES, width=20) + reprlib.repr(VALUES),
    "dataclasses": lambda: (dataclasses.asdict(Point(1)), dataclasses.make_dataclass("D", ["a"])(1)),
    "typing": lambda: (typing.get_type_hints(Point), list[int] | None, list["int"] | None, typing.NamedTuple("N", [("a", int)])(1)),
    "inspect": lambda: (inspect.signature(parse), inspect.getdoc(len), inspect.unwrap(parse)),
    "ast": lambda: ast.unparse(ast.parse("x = [a for a in b if c]")) + ast.dump(ast.parse("1")) + str(ast.literal_eval("[1]")),
    "dis": lambda: dis.dis(parse, file=io.StringIO()),
    "symtable": lambda: symtable.symtable("def f(a): return a", "f", "exec").get_children(),
    "tokenize": lambda: list(tokenize.generate_tokens(io.StringIO("a = 1\n").readline)),
    "codecs": lambda: ["ab".encode(name).decode(name) for name in CODECS],
    "transforms": lambda: [codecs.decode(codecs.encode(b"ab", name), name) for name in ("hex", "base64", "zlib", "quopri", "uu")] + [codecs.encode("a", "rot13")],
    "unknown codec": lambda: raised(LookupError, lambda: "a".encode("no-such-codec")),
    "unicode": lambda: "\N{SNOWMAN}" + unicodedata.normalize("NFKD", "é") + unicodedata.name("a") + "ß".casefold(),
    "asyncio": lambda: asyncio.run(waits()),
    "unittest": run_tests,
    "mock": mocks,
    "futures": lambda: (concurrent.futures.Future(), raised(RuntimeError, lambda: concurrent.futures.ThreadPoolExecutor(1).submit(int))),
    "argparse": lambda: (parse(["--size", "1"]), raised(SystemExit, lambda: parse(["--size", "7"]))),
    "optparse": lambda: optparse.OptionParser(prog="p").format_help() + str(getopt.getopt(["-a"], "a")),
    "logging": logs,
    "warnings": lambda: raised(UserWarning, lambda: warns()),
    "traceback": lambda: raised(ExceptionGroup, lambda: (_ for _ in ()).throw(ExceptionGroup("g", [ValueError(1)]))),
    "suggestion": lambda: raised(NameError, lambda: prnt),
    "csv": lambda: list(csv.DictReader(io.StringIO("a,b\n1,2\n"))) + [csv.Sniffer().sniff("a;b\n1;2\n").delimiter],
    "difflib": lambda: list(difflib.unified_diff(["a"], ["b"])) + difflib.get_close_matches("appel", ["apple"]),
    "html": lambda: html.unescape("&eacute;") + html.escape("<"),
    "xml": lambda: etree.tostring(etree.fromstring("<a b='1'><c/></a>")) + b"".join(etree.fromstring("<a>1</a>").itertext().__next__().encode() for _ in "a"),
    "toml": lambda: tomllib.loads("a = 2020-01-01\nb = [1.5, 'x']"),
    "configparser": lambda: (lambda parser: (parser.read_string("[a]\nb = 1"), parser.getint("a", "b")))(configparser.ConfigParser()),
    "hashes": lambda: [getattr(hashlib, name)(b"a").digest_size for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b", "blake2s")],
    "hmac": lambda: hmac.new(b"k", b"m", "sha256").hexdigest(),
    "zlib": lambda: zlib.decompress(zlib.compress(b"a" * 99)) + gzip.decompress(gzip.compress(b"a")),
    "binary": lambda: struct.pack("<d", 1.5) + base64.b85encode(b"ab") + memoryview(b"abcd").cast("H").tobytes(),
    "secrets": lambda: (secrets.token_hex(4), uuid.uuid4(), uuid.uuid7()),
    "calendar": lambda: calendar.month(2024, 2) + calendar.HTMLCalendar().formatmonth(2024, 2),
    "locale": lambda: locale.format_string("%d", 1234, grouping=True) + f"{1234:n}",
    "platform": lambda: platform.platform() + platform.python_version(),
    "zoneinfo": lambda: raised(zoneinfo.ZoneInfoNotFoundError, lambda: zoneinfo.ZoneInfo("Europe/Paris")),
    "sched": lambda: sched.scheduler().enter(1, 1, print),
    "timeit": lambda: timeit.timeit("1 + 1", number=3),
    "doctest": lambda: doctest.DocTestParser().get_examples(">>> 1\n1\n"),
    "shlex": lambda: shlex.split("a 'b c'") + [shlex.quote("a b")],
    "graphlib": lambda: list(graphlib.TopologicalSorter({1: [2]}).static_order()),
    "colorsys": lambda: colorsys.rgb_to_hls(0.1, 0.2, 0.3),
    "paths": lambda: (pathlib.PurePath("a/b").match("*/b"), pathlib.PurePath("/a/b").relative_to("/a")),
    "missing module": lambda: raised(ModuleNotFoundError, lambda: __import__("numpy")),
    "missing file": lambda: raised(FileNotFoundError, lambda: open("a")),
    "integers": lambda: (int("9" * 4000), str(7**4000), int.from_bytes(b"\xff" * 999, "little"), raised(ValueError, lambda: str(10**9999))),
}


def solve():
    failed = []
    for name, check in CHECKS.items():
        try:
            check()
        except BaseException as error:
            failed.append((name, type(error).__name__, str(error)))
    return failed
