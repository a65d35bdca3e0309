//! One JSON record as an event: answers for its header fields and data from spans of its text.

use std::{borrow::Cow, cell::Cell};

use evtx_arrow::{EventColumn, EventRequest};
use kql_types::{Ticks, dynamic};
use windows_event_model::{DataValue, Event, SystemField, SystemValue};

use super::{
    forms::{are_texts, has_marked_key},
    shape::{DataPlace, EventShape, Path, ReadField},
    times::EventTimes,
};
use crate::{
    json::{
        canonical::{self, Members, Scalars, has_attributes, own_text},
        members::members,
        plan::{ANY, Plan, Slot, Taken, Walked, is_attributes, says_nothing},
        repeated,
        text::{string_content, text_of, unescape},
    },
    problem::Reason,
};

/// The most values that one header field is made of.
const MAX_VALUES: usize = 4;

/// Where the values of a shape's events are in what a plan takes.
#[derive(Clone, Debug)]
pub(crate) struct EventSlots {
    shape: &'static EventShape,
    marker: Slot,
    /// By the field's place in [`SystemField::ALL`].
    fields: Vec<Option<FieldSlots>>,
    data: Vec<(Vec<String>, Slot)>,
    /// All the data, and those of them that have no name, where the shape has them apart.
    whole: Option<(Slot, Slot)>,
    /// The same in its parts, in the place of the whole, where a path asks for what only all of them
    /// tell.
    parts: Option<DataParts>,
}

/// Where all of an event's data are.
#[derive(Clone, Debug)]
struct DataParts {
    /// The object that holds the data.
    data: Slot,
    /// The attributes that stand beside it.
    beside: Slot,
    /// The object that holds the element with the data.
    around: Option<Slot>,
    /// The data that have no name.
    unnamed: Slot,
}

#[derive(Clone, Debug)]
struct FieldSlots {
    values: Vec<Slot>,
    read: ReadField,
}

impl EventSlots {
    /// Adds to `plan` what the requests need of events of this shape.
    pub(crate) fn new(
        shape: &'static EventShape,
        requests: &[EventRequest],
        plan: &mut Plan,
    ) -> Self {
        let marker = plan.take_any(shape.marker);
        let is_needed = needed_fields(requests);
        let deciding = deciding_fields(requests);
        let columns = || requests.iter().flat_map(|request| &request.columns);
        let mut fields = vec![None; SystemField::ALL.len()];
        for source in shape.fields {
            if !is_needed(source.field) {
                continue;
            }
            let values: Vec<Slot> =
                source.values.iter().map(|places| plan.take_any(places)).collect();
            if deciding.contains(&source.field) {
                for slot in &values {
                    plan.decide_by(*slot);
                }
            } else if source.field == SystemField::ProviderName
                && let Some(slot) = values.first()
            {
                // A record is claimed by its provider, also one that nobody wants.
                plan.decide_by(*slot);
            }
            if let Some(entry) = fields.get_mut(place(source.field)) {
                *entry = Some(FieldSlots { values, read: source.read });
            }
        }
        let has_parts = columns().any(|column| match column {
            EventColumn::Text(path) | EventColumn::Dynamic(path) => needs_all(path),
            EventColumn::System(_) => false,
        });
        let mut parts = None;
        let whole = match shape.data {
            DataPlace::Below(places) if has_parts => {
                parts = Some(DataParts::new(plan, places));
                None
            }
            DataPlace::Below(places) => {
                let unnamed = take_below(plan, places, &["Data".to_owned()]);
                plan.do_not_await(unnamed);
                Some((take_below(plan, places, &[]), unnamed))
            }
            DataPlace::Beside { .. } => None,
        };
        let mut data = Vec::new();
        for column in columns() {
            let (EventColumn::Text(path) | EventColumn::Dynamic(path)) = column else { continue };
            if data.iter().any(|(known, _)| known == path) {
                continue;
            }
            match shape.data {
                DataPlace::Below(places) => {
                    if !needs_all(path) {
                        data.push((path.clone(), take_below(plan, places, path)));
                    }
                }
                DataPlace::Beside { .. } if path.is_empty() => {}
                DataPlace::Beside { envelope, .. } => {
                    let is_data = path.first().is_none_or(|key| !envelope.contains(&&**key));
                    if is_data {
                        data.push((path.clone(), plan.take_any(&[path])));
                    }
                }
            }
        }
        let wants_all = columns().any(
            |column| matches!(column, EventColumn::Text(path) | EventColumn::Dynamic(path) if path.is_empty()),
        );
        if let DataPlace::Beside { envelope, .. } = shape.data
            && wants_all
        {
            plan.collect_top_level_except(envelope);
        }
        Self { shape, marker, fields, data, whole, parts }
    }

    /// Returns the time of a record, as far as it was read.
    pub(crate) fn time(
        &self,
        record: &str,
        taken: &Taken,
        times: &mut EventTimes,
    ) -> Option<Ticks> {
        let slots = self.fields.get(place(SystemField::TimeCreated))?.as_ref()?;
        let mut values = [None; MAX_VALUES];
        for (value, slot) in values.iter_mut().zip(&slots.values) {
            *value = taken.get(*slot, record);
        }
        let values = values.get(..slots.values.len()).unwrap_or(&values);
        // Several values that are all there tell the time, or its zone, together.
        let is_alone = values.len() == 1 || values.iter().any(Option::is_none);
        let text = (*values.first()?).filter(|_| is_alone).and_then(text_of);
        let read = text.filter(|text| !is_number(text)).and_then(|text| times.read(record, &text));
        read.or_else(|| match (slots.read)(values)? {
            SystemValue::Number(ticks) => Some(ticks),
            SystemValue::Text(_) => None,
        })
    }
}

/// Tells whether a header field is not there, or holds nothing.
pub(crate) fn is_blank(value: Option<&SystemValue<'_>>) -> bool {
    value.is_none_or(|value| matches!(value, SystemValue::Text(text) if text.trim().is_empty()))
}

/// Tells whether a text is a number, which a shape reads by its own unit.
pub(crate) fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

impl DataParts {
    /// Takes all data from wherever they may be.
    fn new(plan: &mut Plan, places: &[Path]) -> Self {
        let direct = places.iter().copied().filter(|place| place.last() != Some(&ANY));
        let beside: Vec<Vec<String>> = direct.clone().filter_map(beside).collect();
        let around: Vec<_> = places.iter().filter_map(|place| place.strip_suffix(&[ANY])).collect();
        let unnamed = take_below(plan, places, &["Data".to_owned()]);
        plan.do_not_await(unnamed);
        Self {
            data: plan.take_any(&direct.collect::<Vec<_>>()),
            beside: plan.take_any(&beside),
            around: (!around.is_empty()).then(|| plan.take_any(&around)),
            unnamed,
        }
    }
}

/// Returns where the attributes of an element stand that are beside it.
fn beside(place: Path) -> Option<Vec<String>> {
    let (element, parents) = place.split_last()?;
    let parents = parents.iter().map(|parent| (*parent).to_owned());
    Some(parents.chain([format!("{element}_attributes")]).collect())
}

/// Tells whether a path leads to what only all data together can tell: the data themselves, and
/// attributes and the text beside them, which renderings keep in places of their own.
fn needs_all(path: &[String]) -> bool {
    path.is_empty() || path.iter().any(|step| step.starts_with('@') || step == "#text")
}

/// Takes a path of an event's data from wherever the data may be.
fn take_below(plan: &mut Plan, places: &[Path], path: &[String]) -> Slot {
    let mut whole: Vec<Vec<&str>> = places
        .iter()
        .map(|place| place.iter().copied().chain(path.iter().map(String::as_str)).collect())
        .collect();
    if path.is_empty() {
        // An element without content may leave nothing but its attributes beside it.
        let wrappers = places.iter().filter_map(|place| place.strip_suffix(&[ANY]));
        whole.extend(wrappers.map(<[&str]>::to_vec));
    }
    plan.take_any(&whole)
}

/// Tells of a header field whether a request needs it, the time always.
fn needed_fields(requests: &[EventRequest]) -> impl Fn(SystemField) -> bool {
    let mut needed = deciding_fields(requests);
    needed.extend([SystemField::EventId, SystemField::ProviderName]);
    let columns = requests.iter().flat_map(|request| &request.columns);
    needed.extend(columns.filter_map(|column| match column {
        EventColumn::System(SystemField::LevelName) => Some(SystemField::Level),
        EventColumn::System(SystemField::RecordIdText) => Some(SystemField::RecordId),
        EventColumn::System(field) => Some(*field),
        EventColumn::Text(_) | EventColumn::Dynamic(_) => None,
    }));
    move |field| needed.contains(&field)
}

/// Returns the fields that decide whether an event is wanted, and the time.
fn deciding_fields(requests: &[EventRequest]) -> Vec<SystemField> {
    let any = |has: fn(&evtx_arrow::EventFilter) -> bool| {
        requests.iter().flat_map(|request| &request.filters).any(has)
    };
    let mut fields = vec![SystemField::TimeCreated];
    let conditions = [
        (any(|filter| filter.event_ids.is_some()), SystemField::EventId),
        (any(|filter| filter.providers.is_some()), SystemField::ProviderName),
        (any(|filter| filter.channels.is_some()), SystemField::Channel),
        (any(|filter| filter.computers.is_some()), SystemField::Computer),
    ];
    fields.extend(conditions.into_iter().filter(|(is_set, _)| *is_set).map(|(_, field)| field));
    fields
}

fn place(field: SystemField) -> usize {
    SystemField::ALL.iter().position(|known| *known == field).unwrap_or(usize::MAX)
}

/// One record, read as far as a plan has read it.
pub(crate) struct JsonEvent<'r> {
    slots: &'r EventSlots,
    record: &'r str,
    taken: &'r Taken,
    time: Option<Ticks>,
    /// The place of the path that will probably be asked for next.
    next_path: Cell<usize>,
}

impl<'r> JsonEvent<'r> {
    /// Returns the event of `record`, whose values a plan has `taken`, and its time.
    pub(crate) fn new(
        slots: &'r EventSlots,
        record: &'r str,
        taken: &'r Taken,
        time: Option<Ticks>,
    ) -> Self {
        Self { slots, record, taken, time, next_path: Cell::new(0) }
    }

    /// Tells whether the record has what every record of its shape has.
    pub(crate) fn is_of_shape(&self) -> bool {
        self.taken.get(self.slots.marker, self.record).is_some()
    }

    /// Tells whether the record has what makes it an event, as far as it was read.
    ///
    /// # Errors
    ///
    /// What it lacks: a time, a provider, data in the form of its shape.
    pub(crate) fn claim(&self, walked: Walked) -> Result<(), Reason> {
        let shape = self.slots.shape.name;
        if self.time.is_none() {
            let told = self.first_value(SystemField::TimeCreated).and_then(text_of);
            return Err(match told.filter(|text| !text.trim().is_empty()) {
                Some(text) => Reason::unreadable_time("the event's time", &text),
                None => Reason::Lacks { shape, what: "a time" },
            });
        }
        if self.provider().is_empty() {
            return Err(Reason::Lacks { shape, what: "a provider" });
        }
        if walked == Walked::Unwanted {
            return Ok(());
        }
        if is_blank(self.field(SystemField::EventId).as_ref()) {
            return Err(Reason::Lacks { shape, what: "an event id" });
        }
        // What a field has several of is none of them.
        for field in [SystemField::Computer, SystemField::Channel] {
            let value = self.first_value(field).filter(|value| value.starts_with(['[', '{']));
            if let Some(value) = value.filter(|_| self.field(field).is_none()) {
                return Err(Reason::strange_data(shape, value));
            }
        }
        if self.whole_data().is_some_and(repeated::is_in) {
            return Err(Reason::Json { expected: repeated::EXPECTED });
        }
        self.strange_data().map_or(Ok(()), |found| Err(Reason::strange_data(shape, found)))
    }

    /// Returns the first value that a header field may be made of.
    fn first_value(&self, field: SystemField) -> Option<&'r str> {
        let slots = self.slots.fields.get(place(field))?.as_ref()?;
        slots.values.iter().find_map(|slot| self.taken.get(*slot, self.record))
    }

    /// Returns the object that holds the data, where the shape has them apart.
    fn whole_data(&self) -> Option<&'r str> {
        match (self.slots.whole, &self.slots.parts) {
            (Some((whole, _)), _) => self.taken.get(whole, self.record),
            (None, Some(parts)) => {
                let (data, _) = self.data_or_wrapper(parts)?;
                Some(data)
            }
            (None, None) => None,
        }
    }

    /// Returns the data if they are in another form than the shape has them.
    fn strange_data(&self) -> Option<&'r str> {
        let whole = self.whole_data()?;
        let unnamed = match (self.slots.whole, &self.slots.parts) {
            (Some((_, unnamed)), _) => unnamed,
            (None, parts) => parts.as_ref()?.unnamed,
        };
        if matches!(whole, "null" | "\"\"" | "{}") {
            return None;
        }
        // Rows of the table itself have attributes in the form that this program gives them.
        let is_row = self.slots.shape.name.starts_with("WindowsEvent");
        let is_rendered_otherwise = !whole.starts_with('{') || (!is_row && has_marked_key(whole));
        let unnamed = self.taken.get(unnamed, self.record);
        if is_rendered_otherwise || unnamed.is_some_and(|value| !are_texts(value)) {
            return Some(whole);
        }
        None
    }

    fn provider(&self) -> Cow<'r, str> {
        match self.field(SystemField::ProviderName) {
            Some(SystemValue::Text(provider)) => provider,
            Some(SystemValue::Number(_)) | None => Cow::Borrowed(""),
        }
    }

    fn field(&self, field: SystemField) -> Option<SystemValue<'r>> {
        if field == SystemField::TimeCreated {
            return self.time.map(SystemValue::Number);
        }
        let slots = self.slots.fields.get(place(field))?.as_ref()?;
        let mut values = [None; MAX_VALUES];
        for (value, slot) in values.iter_mut().zip(&slots.values) {
            *value = self.taken.get(*slot, self.record);
        }
        (slots.read)(values.get(..slots.values.len()).unwrap_or(&values))
    }

    fn slot(&self, path: &[String]) -> Option<Slot> {
        let next = self.next_path.get();
        let is_it = |(known, _): &&(Vec<String>, Slot)| known == path;
        let expected = self.slots.data.get(next).filter(is_it).map(|entry| (next, entry));
        let (at, (_, slot)) =
            expected.or_else(|| self.slots.data.iter().enumerate().find(|(_, e)| is_it(e)))?;
        self.next_path.set(at.saturating_add(1));
        Some(*slot)
    }

    /// Returns all data of an event that has them among its header fields.
    fn data_beside(&self, is_data: fn(&str, &str, &str) -> bool) -> String {
        let provider = self.provider();
        let mut json = String::new();
        let mut members = Members::default();
        for (key, value) in self.taken.collected(self.record) {
            let key = unescape(key);
            if is_data(&key, value, &provider) {
                members.start(&key, &mut json);
                canonical::write(value, Scalars::Text, &mut json);
            }
        }
        members.end(&mut json);
        json
    }
}

impl<'r> JsonEvent<'r> {
    /// Returns the element within `UserData`, and the attributes that stand beside it.
    fn wrapper(&self, parts: &DataParts) -> Option<(&'r str, Vec<&'r str>)> {
        let around = self.taken.get(parts.around?, self.record)?;
        if !around.starts_with('{') {
            return Some((around, Vec::new()));
        }
        let members = || members(around);
        let beside = members()
            .filter(|(key, value)| is_attributes(key) && value.starts_with('{'))
            .map(|(_, value)| value);
        let wrapper = members().find(|(key, _)| !is_attributes(key)).map_or("{}", |(_, it)| it);
        Some((wrapper, beside.collect()))
    }

    /// Returns the object that holds the data, and the attributes beside it if that is `UserData`'s
    /// element: a record may have the key of either and nothing below one of them.
    fn data_or_wrapper(&self, parts: &DataParts) -> Option<(&'r str, Option<Vec<&'r str>>)> {
        let data = self.taken.get(parts.data, self.record);
        let wrapper = || self.wrapper(parts).map(|(wrapper, beside)| (wrapper, Some(beside)));
        let known = data.filter(|data| !says_nothing(data)).map(|data| (data, None));
        known.or_else(wrapper).or_else(|| data.map(|data| (data, None)))
    }

    /// Returns all data of an event that has them in an object of their own, or what is at a path in
    /// them.
    fn data_below(&self, path: &[String]) -> Option<DataValue<'r>> {
        let parts = self.slots.parts.as_ref()?;
        let beside = self.taken.get(parts.beside, self.record);
        let mut json = String::new();
        match self.data_or_wrapper(parts) {
            Some((data, None)) => {
                canonical::write_event_data(data, beside.as_slice(), &mut json);
            }
            Some((wrapper, Some(beside))) => {
                canonical::write_event_data(wrapper, &beside, &mut json);
            }
            None => canonical::write_event_data("{}", &[beside?], &mut json),
        }
        if path.is_empty() {
            return Some(DataValue::Json(Cow::Owned(json)));
        }
        match path.iter().try_fold(&*json, |json, key| dynamic::get(json, key))? {
            text if text.starts_with('"') => {
                Some(DataValue::Text(Cow::Owned(dynamic::unquote(text).into_owned())))
            }
            json => Some(DataValue::Json(Cow::Owned(json.to_owned()))),
        }
    }
}

impl Event for JsonEvent<'_> {
    fn system(&self, field: SystemField) -> Option<SystemValue<'_>> {
        self.field(field)
    }

    fn data(&self, path: &[String]) -> Option<DataValue<'_>> {
        let first = path.first();
        if let DataPlace::Beside { is_data, .. } = self.slots.shape.data {
            let Some(first) = first else {
                return Some(DataValue::Json(Cow::Owned(self.data_beside(is_data))));
            };
            let value = self.taken.get(self.slot(path)?, self.record)?;
            return is_data(first, value, &self.provider()).then(|| leaf(value));
        }
        if needs_all(path) {
            return self.data_below(path);
        }
        let value = self.taken.get(self.slot(path)?, self.record)?;
        match path {
            [key] if key == "Data" => {
                let mut json = String::new();
                canonical::write_unnamed(value, &mut json);
                Some(DataValue::Json(Cow::Owned(json)))
            }
            _ => Some(leaf(value)),
        }
    }
}

/// Returns a value below an event's data in the form that the event's XML would have given.
fn leaf(value: &str) -> DataValue<'_> {
    match value.as_bytes().first() {
        Some(b'"') => DataValue::Text(unescape(string_content(value))),
        Some(b'{' | b'[') => {
            if let Some(text) = own_text(value).filter(|_| !has_attributes(value)) {
                leaf(text)
            } else {
                let mut json = String::new();
                canonical::write(value, Scalars::Text, &mut json);
                DataValue::Json(Cow::Owned(json))
            }
        }
        _ if value == "null" => DataValue::Text(Cow::Borrowed("")),
        _ => DataValue::Text(Cow::Borrowed(value)),
    }
}
