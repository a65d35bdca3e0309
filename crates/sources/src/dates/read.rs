//! Reading a date and a time of day from left to right.
//!
//! Everything has to be explained: a word that is neither known nor a filler, or a number too many,
//! makes the text no time.

use kql_types::{Ticks, datetime::Civil, timespan};

use super::{
    DateOrder,
    tokens::{Token, split},
    words,
};

/// Words that may make one name, `a. m.` for example.
const MAX_JOINED: usize = 3;
/// What the years of the Buddhist calendar are ahead.
const BUDDHIST_YEARS: u32 = 543;

/// A time as far as its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) date: Date,
    pub(super) time_of_day: Ticks,
    /// How far the time is from UTC, if it says so.
    pub(super) zone: Option<Ticks>,
}

/// A date as far as its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Date {
    /// There is one reading.
    Is(Civil),
    /// Three numbers, the year last: day and month may stand in either order.
    Either { day_first: Option<Civil>, month_first: Option<Civil> },
}

/// Reads a date with or without a time of day.
///
/// Years of two digits are read only where the order is `given`.
pub(super) fn read(text: &str, given: Option<DateOrder>) -> Option<Reading> {
    let mut cursor = Cursor { tokens: &split(text), at: 0, given };
    let reading = cursor.reading()?;
    (cursor.at == cursor.tokens.len()).then_some(reading)
}

/// What stands between an hour and its minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    Mark(char),
    Unit,
}

#[derive(Clone)]
struct Cursor<'t> {
    tokens: &'t [Token],
    at: usize,
    given: Option<DateOrder>,
}

impl Cursor<'_> {
    fn reading(&mut self) -> Option<Reading> {
        self.skip_between();
        // Vietnam has the time of day in front.
        let early = self.attempt(Self::clock);
        if early.is_some() {
            self.skip_between();
        }
        let date = self.date()?;
        self.skip_between();
        let time_of_day = match early {
            Some(time) => time,
            None => self.attempt(Self::clock).unwrap_or_default(),
        };
        let zone = self.zone();
        self.skip_between();
        Some(Reading { date, time_of_day, zone })
    }

    /// Takes what `read` reads, or nothing.
    fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut ahead = self.clone();
        let found = read(&mut ahead)?;
        self.at = ahead.at;
        Some(found)
    }

    /// Skips blanks, commas, fillers and days of the week, unless they could be half of the day.
    fn skip_between(&mut self) {
        loop {
            let is_skipped = match self.peek() {
                Some(Token::Blank | Token::Mark(',' | '(' | ')' | '.' | ';')) => true,
                Some(Token::Word(_)) if self.clone().clock().is_some() => false,
                Some(Token::Word(word)) => words::is_filler(word) || words::is_weekday(word),
                _ => false,
            };
            if !is_skipped {
                return;
            }
            self.advance(1);
        }
    }

    fn date(&mut self) -> Option<Date> {
        if let Some(month) = self.attempt(Self::month_name) {
            return self.month_name_first(month);
        }
        let (first, digits) = self.number()?;
        if self.take_unit("年년") {
            self.blanks();
            let month = self.unit_of("月월")?;
            self.blanks();
            let day = self.unit_of("日号일")?;
            return Some(Date::Is(civil(first, month, day)?));
        }
        if digits == 4 {
            return self.year_first(first).map(Date::Is);
        }
        if digits > 2 {
            return None;
        }
        let with_name = |cursor: &mut Self| cursor.month_name_second(first);
        if let Some(date) = self.attempt(with_name) {
            return Some(Date::Is(date));
        }
        self.three_numbers(first)
    }

    /// Reads the rest of `Jun 3, 2025`.
    fn month_name_first(&mut self, month: u32) -> Option<Date> {
        self.skip_between();
        let (day, digits) = self.number()?;
        (digits <= 2).then_some(())?;
        self.skip_between();
        let (year, digits) = self.number()?;
        (digits == 4).then_some(())?;
        Some(Date::Is(civil(year, month, day)?))
    }

    /// Reads the rest of `3. Juni 2025`, `3 de junio de 2025`, `03-Jun-2025`.
    fn month_name_second(&mut self, day: u32) -> Option<Civil> {
        if !self.take_mark('-') && !self.take_mark('/') {
            self.skip_between();
        }
        let month = self.month_name()?;
        if !self.take_mark('-') && !self.take_mark('/') {
            self.skip_between();
        }
        let (year, digits) = self.number()?;
        (digits == 4).then_some(())?;
        civil(year, month, day)
    }

    /// Reads the rest of `2025/06/03`, `2025. 6. 3.`, `2025. június 3.`
    fn year_first(&mut self, year: u32) -> Option<Civil> {
        let separator = self.separator();
        if let Some(month) = self.attempt(|cursor| {
            cursor.skip_between();
            cursor.month_name()
        }) {
            if !separator.is_some_and(|mark| self.take_mark(mark)) {
                self.skip_between();
            }
            return civil(year, month, self.number()?.0);
        }
        let (month, _) = self.short_number()?;
        (self.separator()? == separator?).then_some(())?;
        let (day, _) = self.short_number()?;
        let _ = separator == Some('.') && self.take_mark('.');
        civil(year, month, day)
    }

    /// Reads the rest of three numbers of which the last is the year.
    fn three_numbers(&mut self, first: u32) -> Option<Date> {
        let separator = self.separator()?;
        let (second, _) = self.short_number()?;
        (self.separator()? == separator).then_some(())?;
        let (last, digits) = self.number()?;
        let _ = separator == '.' && self.take_mark('.');
        let (year, is_buddhist) = match (digits, self.given) {
            (4, _) => of_calendar(last)?,
            (2, Some(DateOrder::YearFirst)) => {
                return Some(Date::Is(civil(first.checked_add(2000)?, second, last)?));
            }
            (2, Some(_)) => (last.checked_add(2000)?, false),
            _ => return None,
        };
        let (day_first, month_first) = (day_of(year, second, first), day_of(year, first, second));
        // Countries that write dots put the day first, and so does Thailand.
        if self.given.is_none() && (separator == '.' || is_buddhist) {
            return Some(Date::Is(day_first?));
        }
        Some(Date::Either { day_first, month_first })
    }

    /// Reads one of `/ - .`, with blanks behind a point.
    fn separator(&mut self) -> Option<char> {
        let Some(Token::Mark(mark @ ('/' | '-' | '.'))) = self.peek() else { return None };
        let mark = *mark;
        self.advance(1);
        if mark == '.' {
            self.blanks();
        }
        Some(mark)
    }

    /// Reads a time of day: half of the day in front or behind, seconds and their fraction optional.
    fn clock(&mut self) -> Option<Ticks> {
        let _ = self.take_word(&["t"]);
        let half = self.attempt(Self::half);
        self.blanks();
        let (hour, _) = self.short_number()?;
        let separator = self.clock_separator("时時시", &["h", "u"])?;
        let (minute, _) = self.short_number()?;
        let has_seconds = match separator {
            Separator::Mark(mark) => self.take_mark(mark),
            Separator::Unit => self.clock_separator("分분", &["min"]).is_some(),
        };
        let second = if has_seconds {
            self.attempt(|cursor| Some(cursor.short_number()?.0))
        } else {
            Some(0)
        };
        let (second, tick) = match second {
            Some(second) => (second, if has_seconds { self.fraction()? } else { 0 }),
            None if separator == Separator::Unit => (0, 0),
            None => return None,
        };
        let _ = self.take_unit("秒초");
        let _ = self.attempt(|cursor| {
            cursor.blanks();
            (separator == Separator::Unit && cursor.take_word(&["s"])).then_some(())
        });
        let behind = self.attempt(|cursor| {
            cursor.blanks();
            cursor.half()
        });
        let hour = match half.or(behind) {
            Some(is_afternoon) => on_twelve_hour_clock(hour, is_afternoon)?,
            None => hour,
        };
        let time = Civil {
            hour: u8::try_from(hour).ok()?,
            minute: u8::try_from(minute).ok()?,
            second: u8::try_from(second).ok()?,
            tick,
            ..Civil::midnight(1, 1, 1)
        };
        time.ticks()
    }

    /// Reads what stands behind an hour or a minute.
    fn clock_separator(&mut self, units: &str, words: &[&str]) -> Option<Separator> {
        if self.take_mark(':') {
            return Some(Separator::Mark(':'));
        }
        // Denmark, Finland and Italy put points between hours, minutes and seconds.
        if self.take_mark('.') {
            return Some(Separator::Mark('.'));
        }
        let found = self.take_unit(units)
            || self
                .attempt(|cursor| {
                    cursor.blanks();
                    cursor.take_word(words).then_some(())
                })
                .is_some();
        self.blanks();
        found.then_some(Separator::Unit)
    }

    /// Reads the fraction of a second in ticks, 0 if there is none.
    fn fraction(&mut self) -> Option<u32> {
        let digits = match (self.peek(), self.tokens.get(self.at.checked_add(1)?)) {
            (Some(Token::Mark('.' | ',')), Some(Token::Number(number, digits))) => {
                format!("{number:0digits$}")
            }
            (Some(Token::Mark('.' | ',')), Some(Token::Digits(digits))) => digits.clone(),
            _ => return Some(0),
        };
        self.advance(2);
        let ticks: String = digits.chars().chain("0000000".chars()).take(7).collect();
        ticks.parse().ok()
    }

    /// Reads half of the day: `true` is the afternoon.
    fn half(&mut self) -> Option<bool> {
        self.joined(words::half)
    }

    fn month_name(&mut self) -> Option<u32> {
        let month = self.joined(words::month)?;
        // The point of an abbreviation.
        let _ = self.take_mark('.');
        Some(u32::from(month))
    }

    /// Reads words that make one name together, the longest first, with the point behind the last of
    /// several.
    fn joined<T>(&mut self, meaning: fn(&str) -> Option<T>) -> Option<T> {
        let mut name = String::new();
        let mut ahead = self.at;
        let mut found = None;
        for _ in 0..MAX_JOINED {
            let Some(Token::Word(word)) = self.tokens.get(ahead) else { break };
            name.push_str(word);
            ahead = ahead.checked_add(1)?;
            let has_point = self.tokens.get(ahead) == Some(&Token::Mark('.'));
            let end = if has_point { ahead.checked_add(1)? } else { ahead };
            if let Some(meant) = meaning(&name) {
                found = Some((meant, end));
            }
            let is_blank = self.tokens.get(end) == Some(&Token::Blank);
            ahead = if is_blank { end.checked_add(1)? } else { end };
        }
        let (meant, end) = found?;
        self.at = end;
        Some(meant)
    }

    /// Reads `Z`, `UTC`, `GMT+2`, `+02:00`; `None` if nothing is said.
    fn zone(&mut self) -> Option<Ticks> {
        self.attempt(|cursor| {
            cursor.skip_between();
            let is_named = match cursor.peek()? {
                Token::Word(word) if ["z", "utc", "gmt", "ut"].contains(&word.as_str()) => {
                    cursor.advance(1);
                    true
                }
                _ => false,
            };
            let sign = match cursor.peek() {
                Some(Token::Mark('+')) => 1,
                Some(Token::Mark('-')) => -1,
                _ => return is_named.then_some(0),
            };
            cursor.advance(1);
            let (number, digits) = cursor.number()?;
            let (hours, minutes) = match digits {
                1 | 2 if cursor.take_mark(':') => (number, cursor.number()?.0),
                1 | 2 => (number, 0),
                4 => (number.checked_div(100)?, number.checked_rem(100)?),
                _ => return None,
            };
            (hours <= 14 && minutes < 60).then_some(())?;
            let minutes = i64::from(hours).checked_mul(60)?.checked_add(i64::from(minutes))?;
            minutes.checked_mul(timespan::MINUTE)?.checked_mul(sign)
        })
    }

    /// Reads a number and the unit behind it.
    fn unit_of(&mut self, units: &str) -> Option<u32> {
        let (number, _) = self.short_number()?;
        self.take_unit(units).then_some(number)
    }

    fn short_number(&mut self) -> Option<(u32, usize)> {
        self.number().filter(|(_, digits)| *digits <= 2)
    }

    fn number(&mut self) -> Option<(u32, usize)> {
        let Some(Token::Number(number, digits)) = self.peek() else { return None };
        let found = (*number, *digits);
        self.advance(1);
        Some(found)
    }

    fn blanks(&mut self) {
        if self.peek() == Some(&Token::Blank) {
            self.advance(1);
        }
    }

    fn take_mark(&mut self, mark: char) -> bool {
        let is_there = self.peek() == Some(&Token::Mark(mark));
        if is_there {
            self.advance(1);
        }
        is_there
    }

    fn take_unit(&mut self, units: &str) -> bool {
        let is_there = matches!(self.peek(), Some(Token::Unit(unit)) if units.contains(*unit));
        if is_there {
            self.advance(1);
        }
        is_there
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn advance(&mut self, tokens: usize) {
        self.at = self.at.saturating_add(tokens).min(self.tokens.len());
    }

    /// Takes a word if it is one of these.
    fn take_word(&mut self, words: &[&str]) -> bool {
        let is_there = matches!(self.peek(), Some(Token::Word(word)) if words.contains(&&**word));
        if is_there {
            self.advance(1);
        }
        is_there
    }
}

fn on_twelve_hour_clock(hour: u32, is_afternoon: bool) -> Option<u32> {
    // Japan's clock starts at 0.
    let in_half = if hour <= 12 { hour.checked_rem(12)? } else { return None };
    in_half.checked_add(if is_afternoon { 12 } else { 0 })
}

/// Returns the year of our calendar, and whether it was given in the Buddhist one; `None` for years of
/// calendars whose months are not ours, and of none.
///
/// .NET writes year 1 and 9999 for a time that is not set.
fn of_calendar(year: u32) -> Option<(u32, bool)> {
    match year {
        1 | 9999 | 1601..=2442 => Some((year, false)),
        2443..=2699 => Some((year.checked_sub(BUDDHIST_YEARS)?, true)),
        _ => None,
    }
}

fn civil(year: u32, month: u32, day: u32) -> Option<Civil> {
    let (year, _) = of_calendar(year)?;
    day_of(year, month, day)
}

/// Returns the day, `None` if the calendar has none such.
fn day_of(year: u32, month: u32, day: u32) -> Option<Civil> {
    let date = Civil::midnight(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
    date.ticks().map(|_| date)
}
