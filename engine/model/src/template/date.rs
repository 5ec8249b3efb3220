use minijinja::{Error, ErrorKind};

/// A day that the caller names: nothing here asks a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// As written on a calendar.
    pub year: u16,
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `strftime_now` for the day: `%d`, `%m`, `%Y`, `%y`, `%b` and `%B`, the ones that templates use.
pub(super) fn now(today: Option<Date>, format: &str) -> Result<String, Error> {
    let fault = |problem: String| Error::new(ErrorKind::InvalidOperation, problem);
    let Some(Date { year, month, day }) = today else { return Err(fault("no date was given".into())) };
    let name = MONTHS.get(usize::from(month).wrapping_sub(1)).ok_or_else(|| fault(format!("no month {month}")))?;
    let mut text = String::new();
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some('d') => text.push_str(&format!("{day:02}")),
            Some('m') => text.push_str(&format!("{month:02}")),
            Some('Y') => text.push_str(&format!("{year:04}")),
            Some('y') => text.push_str(&format!("{:02}", year % 100)),
            Some('b') => text.push_str(&name[..3]),
            Some('B') => text.push_str(name),
            Some('%') => text.push('%'),
            other => return Err(fault(format!("strftime_now knows no `%{}`", other.unwrap_or(' ')))),
        }
    }
    Ok(text)
}
