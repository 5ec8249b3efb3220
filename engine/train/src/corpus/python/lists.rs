//! Families over a list: first the values that the task speaks of are taken from it, then three methods work on them.

use super::{Kind, Solution, Task, indented};

/// What becomes of each element: words, name, expression.
const VIEWS: [(&str, &str, &str); 9] = [
    ("", "", "x"),
    ("squares of the ", "squares", "x * x"),
    ("doubles of the ", "doubles", "2 * x"),
    ("triples of the ", "triples", "3 * x"),
    ("absolute values of the ", "absolutes", "abs(x)"),
    ("opposites of the ", "opposites", "-x"),
    ("halves of the ", "halves", "x // 2"),
    ("remainders by 7 of the ", "remainders", "x % 7"),
    ("cubes of the ", "cubes", "x * x * x"),
];

/// What is selected: words, name, condition.
const FILTERS: [(&str, &str, &str); 2] = [("", "", ""), ("positive ", "positive", " if x > 0")];

const NOUNS: [&str; 6] = ["numbers", "values", "items", "scores", "prices", "sizes"];

struct Family {
    name: &'static str,
    /// With `{what}` for what the task speaks of.
    sentence: &'static str,
    /// A second argument.
    extra: Option<(&'static str, Kind)>,
    /// From the dearest on: the method, and lines that work on `taken`.
    solutions: [(&'static str, &'static str); 3],
}

pub(super) fn tasks() -> Vec<Task> {
    let variants = || FILTERS.iter().flat_map(|filter| VIEWS.iter().map(move |view| (filter, view)));
    FAMILIES
        .iter()
        .flat_map(|family| variants().enumerate().map(|(at, (filter, view))| task(family, at, filter, view)))
        .collect()
}

fn task(family: &Family, at: usize, filter: &(&str, &str, &str), view: &(&str, &str, &str)) -> Task {
    let noun = NOUNS[at % NOUNS.len()];
    let names = [family.name, view.1, filter.1];
    let name = names.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("_");
    let what = format!("{}{}{noun}", view.0, filter.0);
    let (mut arguments, mut kinds) = (vec![noun], vec![Kind::List]);
    if let Some((name, kind)) = family.extra {
        arguments.push(name);
        kinds.push(kind);
    }
    let taken = format!("taken = [{} for x in {noun}{}]\n", view.2, filter.2);
    let solutions = family
        .solutions
        .map(|(class, lines)| Solution { class, body: indented(&(taken.clone() + lines.trim_start_matches('\n'))) });
    Task { name, family: family.name, sentence: family.sentence.replace("{what}", &what), arguments, solutions, kinds }
}

const FAMILIES: [Family; 11] = [
    Family {
        name: "has_duplicate",
        sentence: "whether any of the {what} occurs twice",
        extra: None,
        solutions: [
            (
                "nested",
                "
for i in range(len(taken)):
    for j in range(len(taken)):
        if i != j and taken[i] == taken[j]:
            return True
return False",
            ),
            (
                "sorted",
                "
taken.sort()
for i in range(1, len(taken)):
    if taken[i] == taken[i - 1]:
        return True
return False",
            ),
            ("set", "return len(set(taken)) < len(taken)"),
        ],
    },
    Family {
        name: "distinct_count",
        sentence: "how many different values there are among the {what}",
        extra: None,
        solutions: [
            (
                "nested",
                "
count = 0
for i in range(len(taken)):
    new = True
    for j in range(i):
        if taken[i] == taken[j]:
            new = False
    if new:
        count += 1
return count",
            ),
            (
                "sorted",
                "
taken.sort()
count = 0
for i in range(len(taken)):
    if i == 0 or taken[i] != taken[i - 1]:
        count += 1
return count",
            ),
            ("set", "return len(set(taken))"),
        ],
    },
    Family {
        name: "pairs_with_sum",
        sentence: "how many pairs of the {what} add up to the target",
        extra: Some(("target", Kind::Near)),
        solutions: [
            (
                "nested",
                "
count = 0
for i in range(len(taken)):
    for j in range(len(taken)):
        if i < j and taken[i] + taken[j] == target:
            count += 1
return count",
            ),
            (
                "half",
                "
count = 0
for i in range(len(taken)):
    rest = target - taken[i]
    count += taken[i + 1:].count(rest)
return count",
            ),
            (
                "dictionary",
                "
count = 0
seen = {}
for x in taken:
    count += seen.get(target - x, 0)
    seen[x] = seen.get(x, 0) + 1
return count",
            ),
        ],
    },
    Family {
        name: "closest_values",
        sentence: "the smallest distance between two of the {what}, or None",
        extra: None,
        solutions: [
            (
                "nested",
                "
best = None
for i in range(len(taken)):
    for j in range(len(taken)):
        if i != j:
            distance = abs(taken[i] - taken[j])
            if best is None or distance < best:
                best = distance
return best",
            ),
            (
                "half",
                "
best = None
for i in range(len(taken)):
    for x in taken[i + 1:]:
        if best is None or abs(taken[i] - x) < best:
            best = abs(taken[i] - x)
return best",
            ),
            (
                "sorted",
                "
taken.sort()
best = None
for i in range(1, len(taken)):
    if best is None or taken[i] - taken[i - 1] < best:
        best = taken[i] - taken[i - 1]
return best",
            ),
        ],
    },
    Family {
        name: "largest_window",
        sentence: "the largest sum of width neighbours among the {what}, or None",
        extra: Some(("width", Kind::UpToSize)),
        solutions: [
            (
                "nested",
                "
best = None
for i in range(len(taken) - width + 1):
    total = 0
    for j in range(width):
        total += taken[i + j]
    if best is None or total > best:
        best = total
return best",
            ),
            (
                "slices",
                "
best = None
for i in range(len(taken) - width + 1):
    total = sum(taken[i:i + width])
    if best is None or total > best:
        best = total
return best",
            ),
            (
                "sliding",
                "
if len(taken) < width:
    return None
total = sum(taken[:width])
best = total
for i in range(width, len(taken)):
    total += taken[i] - taken[i - width]
    if total > best:
        best = total
return best",
            ),
        ],
    },
    Family {
        name: "most_frequent",
        sentence: "the most frequent of the {what}, the smallest of equally frequent ones, or None",
        extra: None,
        solutions: [
            (
                "nested",
                "
best = None
most = 0
for x in taken:
    count = 0
    for y in taken:
        if x == y:
            count += 1
    if count > most or count == most and x < best:
        best, most = x, count
return best",
            ),
            (
                "count",
                "
best = None
most = 0
for x in taken:
    count = taken.count(x)
    if count > most or count == most and x < best:
        best, most = x, count
return best",
            ),
            (
                "dictionary",
                "
counts = {}
for x in taken:
    counts[x] = counts.get(x, 0) + 1
best = None
for x in counts:
    if best is None or (-counts[x], x) < (-counts[best], best):
        best = x
return best",
            ),
        ],
    },
    Family {
        name: "running_sums",
        sentence: "the running sums of the {what}",
        extra: None,
        solutions: [
            (
                "nested",
                "
result = []
for i in range(len(taken)):
    total = 0
    for j in range(i + 1):
        total += taken[j]
    result.append(total)
return result",
            ),
            (
                "slices",
                "
result = []
for i in range(len(taken)):
    result.append(sum(taken[:i + 1]))
return result",
            ),
            (
                "running",
                "
result = []
total = 0
for x in taken:
    total += x
    result.append(total)
return result",
            ),
        ],
    },
    Family {
        name: "in_order",
        sentence: "the {what} from the smallest to the largest",
        extra: None,
        solutions: [
            (
                "bubble",
                "
for i in range(len(taken)):
    for j in range(len(taken) - 1):
        if taken[j] > taken[j + 1]:
            taken[j], taken[j + 1] = taken[j + 1], taken[j]
return taken",
            ),
            (
                "insertion",
                "
result = []
for x in taken:
    i = len(result)
    while i > 0 and result[i - 1] > x:
        i -= 1
    result.insert(i, x)
return result",
            ),
            ("sorted", "return sorted(taken)"),
        ],
    },
    Family {
        name: "rank_value",
        sentence: "the value of that rank among the {what}, the largest having rank 1, or None",
        extra: Some(("rank", Kind::UpToSize)),
        solutions: [
            (
                "counting",
                "
for x in taken:
    above = 0
    same = 0
    for y in taken:
        if y > x:
            above += 1
        elif y == x:
            same += 1
    if above < rank <= above + same:
        return x
return None",
            ),
            (
                "removing",
                "
for i in range(rank - 1):
    if taken:
        taken.remove(max(taken))
return max(taken) if taken else None",
            ),
            (
                "sorted",
                "
if rank > len(taken):
    return None
return sorted(taken)[-rank]",
            ),
        ],
    },
    Family {
        name: "largest_stretch",
        sentence: "the largest sum of any neighbours among the {what}, 0 for none",
        extra: None,
        solutions: [
            (
                "slices",
                "
best = 0
for i in range(len(taken)):
    for j in range(i, len(taken)):
        best = max(best, sum(taken[i:j + 1]))
return best",
            ),
            (
                "nested",
                "
best = 0
for i in range(len(taken)):
    total = 0
    for x in taken[i:]:
        total += x
        if total > best:
            best = total
return best",
            ),
            (
                "running",
                "
best = 0
total = 0
for x in taken:
    total = max(0, total + x)
    if total > best:
        best = total
return best",
            ),
        ],
    },
    Family {
        name: "smaller_before",
        sentence: "for each of the {what}, whether a smaller one stands before it",
        extra: None,
        solutions: [
            (
                "nested",
                "
result = []
for i in range(len(taken)):
    found = False
    for j in range(i):
        if taken[j] < taken[i]:
            found = True
    result.append(found)
return result",
            ),
            (
                "least",
                "
result = []
for i in range(len(taken)):
    result.append(i > 0 and min(taken[:i]) < taken[i])
return result",
            ),
            (
                "running",
                "
result = []
least = None
for x in taken:
    result.append(least is not None and least < x)
    if least is None or x < least:
        least = x
return result",
            ),
        ],
    },
];
