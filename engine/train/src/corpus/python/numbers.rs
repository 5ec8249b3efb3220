//! Families over numbers, whose variants are constants.

use super::{Kind, Solution, Task, indented};

struct Family {
    family: &'static str,
    /// With the constants that tell variants apart.
    name: &'static str,
    /// With `{k}` and `{r}` for the constants.
    sentence: &'static str,
    arguments: &'static [(&'static str, Kind)],
    constants: &'static [(u32, u32)],
    /// From the dearest on: the method, and its lines.
    solutions: [(&'static str, &'static str); 3],
}

pub(super) fn tasks() -> Vec<Task> {
    FAMILIES.iter().flat_map(|family| family.constants.iter().map(|constants| task(family, *constants))).collect()
}

fn task(family: &Family, (k, r): (u32, u32)) -> Task {
    let put = |text: &str| text.replace("{k}", &k.to_string()).replace("{r}", &r.to_string());
    let (arguments, kinds) = family.arguments.iter().copied().unzip();
    let solutions =
        family.solutions.map(|(class, lines)| Solution { class, body: indented(&put(lines.trim_start_matches('\n'))) });
    Task { name: put(family.name), family: family.family, sentence: put(family.sentence), arguments, solutions, kinds }
}

/// 2 to 15.
const FROM_2: [(u32, u32); 14] = [
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 0),
    (12, 0),
    (13, 0),
    (14, 0),
    (15, 0),
];

/// Remainders of small numbers.
const REMAINDERS: [(u32, u32); 12] =
    [(3, 1), (3, 2), (4, 1), (4, 3), (5, 1), (5, 2), (5, 3), (5, 4), (6, 1), (6, 5), (7, 1), (7, 3)];

const FAMILIES: [Family; 6] = [
    Family {
        family: "multiples_sum",
        name: "sum_of_multiples_of_{k}",
        sentence: "the sum of the multiples of {k} up to n",
        arguments: &[("n", Kind::Scaled(4))],
        constants: &FROM_2,
        solutions: [
            (
                "testing",
                "
total = 0
for i in range(1, n + 1):
    if i % {k} == 0:
        total += i
return total",
            ),
            (
                "steps",
                "
total = 0
for i in range({k}, n + 1, {k}):
    total += i
return total",
            ),
            (
                "formula",
                "
count = n // {k}
return {k} * count * (count + 1) // 2",
            ),
        ],
    },
    Family {
        family: "power_remainder",
        name: "power_modulo_{k}",
        sentence: "base to the power of n, modulo {k}",
        arguments: &[("base", Kind::UpToSize), ("n", Kind::Scaled(4))],
        constants: &FROM_2,
        solutions: [
            (
                "multiplying",
                "
result = 1
for i in range(n):
    result = result * base % {k}
return result % {k}",
            ),
            (
                "squaring",
                "
result = 1
while n > 0:
    if n % 2 == 1:
        result = result * base % {k}
    base = base * base % {k}
    n //= 2
return result % {k}",
            ),
            ("builtin", "return pow(base, n, {k})"),
        ],
    },
    Family {
        family: "recurrence",
        name: "recurrence_{k}_{r}",
        sentence: "the nth number of the sequence 0, 1, then {k} times the last plus {r} times the one before",
        arguments: &[("n", Kind::Depth)],
        constants: &REMAINDERS,
        solutions: [
            (
                "recursion",
                "
def at(i):
    if i < 2:
        return i
    return {k} * at(i - 1) + {r} * at(i - 2)
return at(n)",
            ),
            (
                "table",
                "
known = {0: 0, 1: 1}
def at(i):
    if i not in known:
        known[i] = {k} * at(i - 1) + {r} * at(i - 2)
    return known[i]
return at(n)",
            ),
            (
                "loop",
                "
a, b = 0, 1
for i in range(n):
    a, b = b, {k} * b + {r} * a
return a",
            ),
        ],
    },
    Family {
        family: "divisor_sum",
        name: "sum_of_divisors_divisible_by_{k}",
        sentence: "the sum of the divisors of n that {k} divides",
        arguments: &[("n", Kind::Scaled(4))],
        constants: &FROM_2,
        solutions: [
            (
                "all",
                "
total = 0
for i in range(1, n + 1):
    if n % i == 0 and i % {k} == 0:
        total += i
return total",
            ),
            (
                "multiples",
                "
total = 0
for i in range({k}, n + 1, {k}):
    if n % i == 0:
        total += i
return total",
            ),
            (
                "root",
                "
total = 0
i = 1
while i * i <= n:
    if n % i == 0:
        for d in {i, n // i}:
            if d % {k} == 0:
                total += d
    i += 1
return total",
            ),
        ],
    },
    Family {
        family: "prime_count",
        name: "primes_with_remainder_{r}_by_{k}",
        sentence: "how many primes up to n leave the remainder {r} when divided by {k}",
        arguments: &[("n", Kind::Scaled(2))],
        constants: &REMAINDERS,
        solutions: [
            (
                "all",
                "
count = 0
for i in range(2, n + 1):
    prime = True
    for j in range(2, i):
        if i % j == 0:
            prime = False
    if prime and i % {k} == {r}:
        count += 1
return count",
            ),
            (
                "stopping",
                "
count = 0
for i in range(2, n + 1):
    prime = i % {k} == {r}
    j = 2
    while prime and j * j <= i:
        prime = i % j > 0
        j += 1
    if prime:
        count += 1
return count",
            ),
            (
                "sieve",
                "
prime = [True] * (n + 1)
count = 0
for i in range(2, n + 1):
    if prime[i]:
        count += i % {k} == {r}
        prime[i * i::i] = [False] * len(prime[i * i::i])
return count",
            ),
        ],
    },
    Family {
        family: "base_digits",
        name: "ones_in_base_{k}",
        sentence: "how often the digit 1 occurs when the numbers from 1 to n are written in base {k}",
        arguments: &[("n", Kind::Scaled(2))],
        constants: &FROM_2,
        solutions: [
            (
                "lists",
                "
count = 0
for i in range(1, n + 1):
    digits = []
    while i > 0:
        digits = [i % {k}] + digits
        i //= {k}
    count += digits.count(1)
return count",
            ),
            (
                "loops",
                "
count = 0
for i in range(1, n + 1):
    while i > 0:
        count += i % {k} == 1
        i //= {k}
return count",
            ),
            (
                "places",
                "
count = 0
place = 1
while place <= n:
    high, low = divmod(n, place * {k})
    count += high * place + min(max(low - place + 1, 0), place)
    place *= {k}
return count",
            ),
        ],
    },
];
