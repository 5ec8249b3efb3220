//! What the model is told. Its answer has a form that can be read strictly.

use super::Task;
use crate::recipe::desk::{Speaker, Turn};

const ROLE: &str = "You write programs that generate inputs on which other programs have to work hard. You think step by step \
    before you write.";

/// A worked example of our own: what an answer looks like.
const EXAMPLE: &str = "\
# Example of a program
```python
def has_pair(numbers, gap):
    return any(b - a == gap for a in numbers for b in numbers)
```

# Example of an answer
Form: a list of integers, and an integer that is not negative.
VERDICT: GROWS
Growth: quadratic in the length of the list.
Dear inputs: no two items may lie `gap` apart, so that every pair is looked at; large numbers add nothing.
```python
def perf_input_gen(scale):
    return ([2 * i for i in range(scale)], 1)
```";

pub(super) fn generator(task: &Task) -> Vec<Turn> {
    let contract = task.contract.as_ref().map_or_else(String::new, |contract| {
        format!("\n\n# What arguments must satisfy\n```python\n{}\n```", contract.trim_end())
    });
    let text = format!(
        "Write a generator of dear inputs for the function `{}`. Answer in this order. `Form:` what the arguments are. Then \
         one line `VERDICT: CONSTANT` if no allowed input costs much more than another, and nothing after it; or one line \
         `VERDICT: GROWS`, followed by `Growth:`, how the cost grows with what; `Dear inputs:`, which arrangement makes it \
         grow; and one fenced block of Python that defines `perf_input_gen(scale)`. It returns the tuple of all arguments, of a \
         size that grows with `scale` from 2 up to millions, always allowed, and it uses nothing but the standard \
         library.\n\n{EXAMPLE}\n\n# Program\n```python\n{}\n```{contract}",
        task.entry_point,
        task.solution.trim_end(),
    );
    vec![Turn { speaker: Speaker::System, text: ROLE.to_owned() }, Turn { speaker: Speaker::User, text }]
}
