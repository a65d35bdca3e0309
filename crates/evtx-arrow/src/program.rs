//! Requests compiled against a template: where in an instance each wanted value is.
//!
//! In: a template's tree and the requests. Out: sources, which are literals and slots. What no
//! source can express is left to the tree of the record.

use std::{cell::OnceCell, rc::Rc};

use crate::{binxml::node::ElementNode, request::EventRequest};

use dispatch::Dispatch;
use fields::{DataPlace, Role, compile_event_data, compile_section, compile_wrapper};
use header::{Header, HeaderFields};

pub(crate) mod dispatch;
pub(crate) mod fields;
pub(crate) mod header;
pub(crate) mod source;

/// What the requests became for one template, compiled when first needed.
#[derive(Default)]
pub(crate) struct Programs {
    event: OnceCell<EventProgram>,
    section: OnceCell<Rc<DataPlace>>,
    wrapper: OnceCell<Rc<DataPlace>>,
}

/// The requests compiled against a template whose root is an event.
pub(crate) struct EventProgram {
    /// The filters to test.
    pub(crate) dispatch: Dispatch,
    /// For each request, its header fields.
    pub(crate) headers: Vec<HeaderFields>,
    /// Where the event's data are.
    pub(crate) data: Rc<DataPlace>,
}

impl Programs {
    /// Returns the program for a template whose root is an event.
    pub(crate) fn event(&self, root: &ElementNode, requests: &[EventRequest]) -> &EventProgram {
        self.event.get_or_init(|| EventProgram::compile(root, requests))
    }

    /// Returns where the data are in a template that is a part of an event.
    pub(crate) fn data(
        &self,
        role: Role,
        root: &ElementNode,
        requests: &[EventRequest],
    ) -> Rc<DataPlace> {
        let place = match role {
            Role::Section => self.section.get_or_init(|| compile_section(root, requests).into()),
            Role::Wrapper => self.wrapper.get_or_init(|| compile_wrapper(root, requests).into()),
        };
        Rc::clone(place)
    }
}

impl EventProgram {
    fn compile(root: &ElementNode, requests: &[EventRequest]) -> Self {
        let header = Header::find(root);
        Self {
            dispatch: Dispatch::compile(&header, requests),
            headers: requests.iter().map(|request| header.fields(request)).collect(),
            data: compile_event_data(root, requests).into(),
        }
    }
}
